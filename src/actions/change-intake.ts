import type { Clock } from '../clock.ts'
import type { IntakeRecord, IntakeStore, SecretIntake } from '../store/intakes.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'
import { defaultsIn, type IntakeRefusal, refuseIntake, sealSecret } from './check-intake.ts'
import type { IntakeDeps } from './create-intake.ts'
import { toFaults } from './fault.ts'
import { IntakePatch, type VerifierIn } from './intake-in.ts'
import { givenSecretOf, newIntakeSecret, toStoredVerifier } from './intake-verifier.ts'

export interface IntakePlace {
  readonly tenantId: string
  readonly intakeId: string
  readonly actor: Actor
}

export type ChangeIntakeOutcome =
  | { readonly outcome: 'changed'; readonly intake: IntakeRecord; readonly issuedSecret: string | null }
  | { readonly outcome: 'not_found' }
  | IntakeRefusal

/** What is left out stays. The events that come from now on are verified and mapped by what is new. */
export const changeIntake = async (
  deps: IntakeDeps,
  { tenantId, intakeId, actor, body }: IntakePlace & { readonly body: unknown },
): Promise<ChangeIntakeOutcome> => {
  const known = await deps.intakes.find(tenantId, intakeId)
  if (known === null) return { outcome: 'not_found' }
  const parsed = IntakePatch.safeParse(body)
  const malformed = parsed.success ? [] : toFaults(IntakePatch, body, parsed.error.issues)
  const refusal = await refuseIntake(deps, { tenantId, body }, malformed)
  if (refusal !== null || !parsed.success)
    return refusal ?? { outcome: 'refused', isMalformed: true, faults: malformed }
  const { name, verifier, mapping } = parsed.data
  const defaults = defaultsIn(body)
  const verification = verifier && toVerification(deps, known, verifier)
  const audit = toAuditEntry(deps.clock, actor, {
    action: 'intake.updated',
    tenantId,
    subjectId: intakeId,
    detail: { changed: Object.keys(parsed.data), ...(verification && { verifier: verification.verifier }) },
  })
  const changes = {
    ...(name !== undefined && { name }),
    ...(mapping !== undefined && { mapping }),
    ...(defaults !== undefined && { defaults }),
    ...(verification && { verification }),
  }
  const intake = await deps.intakes.update(tenantId, intakeId, changes, audit)
  return intake === null
    ? { outcome: 'not_found' }
    : { outcome: 'changed', intake, issuedSecret: verification?.issuedSecret ?? null }
}

/** A secret that is left out stays where the type stays, and is made anew where it does not. */
const toVerification = ({ sealer }: IntakeDeps, known: SecretIntake, wanted: VerifierIn) => {
  const given = givenSecretOf(wanted)
  const verifier = toStoredVerifier(wanted)
  if (given === null && wanted.type === known.verifier.type)
    return { verifier, secretSealed: known.secretSealed, issuedSecret: null }
  const issuedSecret = given === null ? newIntakeSecret(wanted.type) : null
  return { verifier, secretSealed: sealSecret(sealer, known, given ?? issuedSecret), issuedSecret }
}

/** Its events are forgotten, and what was kept of its failures is gone. False when there is none. */
export const deleteIntake = (
  { intakes, clock }: { readonly intakes: Pick<IntakeStore, 'delete'>; readonly clock: Clock },
  { tenantId, intakeId, actor }: IntakePlace,
): Promise<boolean> =>
  intakes.delete(
    tenantId,
    intakeId,
    toAuditEntry(clock, actor, { action: 'intake.deleted', tenantId, subjectId: intakeId }),
  )
