/** From what a sender sent to what a job is asked for: payload, mapping, defaults (api.md §6). */
import type { Mapper } from '../intakes/mapper.ts'
import { readPayload } from '../intakes/payload.ts'
import type { IntakeRecord } from '../store/intakes.ts'
import { inWords } from './check-intake.ts'
import type { Fault } from './fault.ts'
import { isJsonObject, mergeDefaults } from './merge-defaults.ts'

export type MappedEvent =
  /** The body of a job, as a client would have sent it. */
  | { readonly outcome: 'mapped'; readonly body: unknown }
  /** The mapping gave null: this event makes no job. */
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'unreadable'; readonly detail: string }
  | { readonly outcome: 'failed'; readonly fault: Fault }
  | { readonly outcome: 'busy' }

export interface MapEventDeps {
  readonly mapper: Pick<Mapper, 'map'>
  /** Reads JSON that strangers wrote: what is wrong with it, or its value. */
  readonly readJson: (bytes: Buffer) => JsonReading
}

export type JsonReading =
  | { readonly outcome: 'read'; readonly value: unknown }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] }

type Intake = Pick<IntakeRecord, 'tenantId' | 'mapping' | 'defaults' | 'verifier'>

export const mapEvent = async (
  deps: MapEventDeps,
  intake: Intake,
  { body, contentType }: { readonly body: Buffer; readonly contentType: string },
): Promise<MappedEvent> => {
  const payload = readPayload(body, { contentType, isGitHub: intake.verifier.type === 'github' })
  return payload.outcome === 'read' ? mapPayload(deps, intake, payload.json) : payload
}

/** `payload` is JSON. */
export const mapPayload = async (
  { mapper, readJson }: MapEventDeps,
  { tenantId, mapping, defaults }: Omit<Intake, 'verifier'>,
  payload: string,
): Promise<MappedEvent> => {
  const mapped = await mapper.map(tenantId, mapping, payload)
  if (mapped.outcome === 'busy') return mapped
  if (mapped.outcome === 'failed') return failed(inWords(mapped.failure))
  if (mapped.json === null) return failed('gives nothing; give null for an event that is to make no job')
  const reading = readJson(Buffer.from(mapped.json))
  if (reading.outcome === 'refused')
    return failed(`gives what no job can be: ${reading.faults.map(({ detail }) => detail).join('; ')}`)
  const given = reading.value
  if (given === null) return { outcome: 'ignored' }
  return isJsonObject(given)
    ? { outcome: 'mapped', body: mergeDefaults(defaults, given) }
    : failed('must give an object, or null')
}

const failed = (detail: string): MappedEvent => ({
  outcome: 'failed',
  fault: { pointer: '', code: 'mapping_failed', detail: `The mapping ${detail}.` },
})
