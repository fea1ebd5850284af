import type { Clock } from '../clock.ts'
import type { Mapper } from '../intakes/mapper.ts'
import { newId } from '../job/ids.ts'
import type { IntakeRecord, IntakeStore } from '../store/intakes.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'
import { defaultsIn, type IntakeRefusal, refuseIntake, sealSecret } from './check-intake.ts'
import type { CheckJobDeps } from './check-job.ts'
import {
  type CreateOnceDeps,
  type CreateOnceOutcome,
  type CreateRequest,
  createOnce,
  type Draft,
} from './create-once.ts'
import { type Fault, toFaults } from './fault.ts'
import { IntakeIn } from './intake-in.ts'
import { givenSecretOf, newIntakeSecret, toStoredVerifier } from './intake-verifier.ts'

export interface IntakeDeps extends CreateOnceDeps, CheckJobDeps {
  readonly intakes: IntakeStore
  readonly mapper: Pick<Mapper, 'check'>
  readonly clock: Clock
}

export interface CreateIntakeInput extends CreateRequest {
  readonly actor: Actor
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** The answer, with the secret where one was made: it is shown this once. */
  readonly toBody: (intake: IntakeRecord, issuedSecret: string | null) => object
}

/** Makes an intake, or says everything that is wrong with it (api.md §6). */
export const createIntake = (
  deps: IntakeDeps,
  input: CreateIntakeInput,
): Promise<CreateOnceOutcome | IntakeRefusal> =>
  createOnce<IntakeRefusal>(deps, input, async () => {
    const parsed = IntakeIn.safeParse(input.body)
    const malformed = parsed.success ? [] : toFaults(IntakeIn, input.body, parsed.error.issues)
    const refusal = await refuseIntake(deps, input, [...input.faults, ...malformed])
    if (parsed.success && refusal === null) return draftIntake(deps, input, parsed.data)
    return refusal ?? { outcome: 'refused', isMalformed: true, faults: malformed }
  })

const draftIntake = (
  { intakes, sealer, clock }: IntakeDeps,
  { tenantId, actor, body, toBody }: CreateIntakeInput,
  { name, verifier, mapping }: IntakeIn,
): Draft => {
  const given = givenSecretOf(verifier)
  const issued = given === null ? newIntakeSecret(verifier.type) : null
  const now = new Date(clock.nowMs())
  const intake: IntakeRecord = {
    id: newId('intake', clock.nowMs()),
    tenantId,
    name,
    verifier: toStoredVerifier(verifier),
    mapping,
    defaults: defaultsIn(body) ?? {},
    createdAt: now,
    updatedAt: now,
  }
  const secretSealed = sealSecret(sealer, intake, given ?? issued)
  const audit = toAuditEntry(clock, actor, {
    action: 'intake.created',
    tenantId,
    subjectId: intake.id,
    detail: { name, verifier: intake.verifier },
  })
  return {
    outcome: 'draft',
    resourceId: intake.id,
    status: 201,
    body: toBody(intake, issued),
    insert: (answer) => intakes.insert({ ...intake, secretSealed }, audit, answer),
  }
}
