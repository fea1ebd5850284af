/** What is wrong with an intake that somebody wants to make, or to change. */
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import type { Mapper } from '../intakes/mapper.ts'
import type { MappingFailure } from '../intakes/mapping.ts'
import type { IntakeRecord } from '../store/intakes.ts'
import { checkDefaults } from './check-defaults.ts'
import type { CheckJobDeps } from './check-job.ts'
import type { Fault } from './fault.ts'
import { IntakeIn } from './intake-in.ts'
import { isJsonObject } from './merge-defaults.ts'
import type { Refusal } from './refusal.ts'

export type IntakeRefusal =
  | Refusal
  /** Mappings are checked one after the other, and too many wait. */
  | { readonly outcome: 'busy' }

/** Null when nothing is wrong. The mapping and the defaults are judged even where the rest is not right. */
export const refuseIntake = async (
  deps: CheckJobDeps & { readonly mapper: Pick<Mapper, 'check'> },
  { tenantId, body }: { readonly tenantId: string; readonly body: unknown },
  malformed: readonly Fault[],
): Promise<IntakeRefusal | null> => {
  const { mapping } = (body ?? {}) as { readonly mapping?: unknown }
  const isReadable = IntakeIn.shape.mapping.safeParse(mapping).success
  const failure = isReadable ? await deps.mapper.check(tenantId, String(mapping)) : null
  if (failure === 'busy') return { outcome: 'busy' }
  const senseless = [
    ...(failure === null ? [] : [{ pointer: '/mapping', code: 'invalid_mapping', detail: inWords(failure) }]),
    ...findStandingSecret(body),
    ...(await checkSense(deps, tenantId, body)).filter((fault) => !isNamed(malformed, fault)),
  ]
  const faults = [...malformed, ...senseless]
  return faults.length === 0 ? null : { outcome: 'refused', isMalformed: malformed.length > 0, faults }
}

/** What is wrong with a mapping, and where. */
export const inWords = ({ detail, position }: MappingFailure): string =>
  position === null ? detail : `at character ${position}: ${detail}`

const checkSense = async (deps: CheckJobDeps, tenantId: string, body: unknown): Promise<readonly Fault[]> => {
  const defaults = defaultsIn(body)
  return isJsonObject(defaults) ? (await checkDefaults(deps, tenantId, defaults)).faults : []
}

const isNamed = (faults: readonly Fault[], { pointer, code }: Fault): boolean =>
  faults.some((fault) => fault.pointer === pointer && fault.code === code)

/** Defaults are shown to whoever may read intakes, so they hold no secret. */
const findStandingSecret = (body: unknown): Fault[] => {
  const { callback } = (defaultsIn(body) ?? {}) as { readonly callback?: { readonly secret?: unknown } }
  return callback?.secret === undefined
    ? []
    : [
        {
          pointer: '/defaults/callback/secret',
          code: 'not_supported',
          detail: 'is not kept here; without it, the callback secret of the tenant signs',
        },
      ]
}

/** The defaults as they were given: a schema would fill in what was left out. */
export const defaultsIn = (body: unknown): IntakeRecord['defaults'] | undefined =>
  ((body ?? {}) as { readonly defaults?: IntakeRecord['defaults'] }).defaults

/** Where the secret of an intake is sealed for. */
const placeOf = ({ id, tenantId }: Pick<IntakeRecord, 'id' | 'tenantId'>): string =>
  sealedPlace({ table: 'intakes', rowId: id, tenantId })

export const sealSecret = (
  sealer: Sealer,
  intake: Pick<IntakeRecord, 'id' | 'tenantId'>,
  secret: string | null,
): string | null => (secret === null ? null : sealer.seal(secret, placeOf(intake)))

export const openSecret = (
  sealer: Sealer,
  intake: Pick<IntakeRecord, 'id' | 'tenantId'> & { readonly secretSealed: string | null },
): string | null => (intake.secretSealed === null ? null : sealer.open(intake.secretSealed, placeOf(intake)))
