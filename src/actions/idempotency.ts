/** What makes a repeated request harmless (api.md §0, guarantees.md I10). */
import { createHash } from 'node:crypto'
import type { IdempotencyStore } from '../store/idempotency.ts'

/** A request with an `Idempotency-Key`. */
export interface KeyedRequest {
  readonly route: string
  readonly key: string
  /** {@link fingerprintOf} what was asked. */
  readonly fingerprint: string
}

export type Replay =
  | { readonly outcome: 'replayed'; readonly status: number; readonly body: unknown }
  | { readonly outcome: 'key_reused' }

/** The answer to a request that was answered before, or null when its key is free. */
export const findReplay = async (
  store: IdempotencyStore,
  tenantId: string,
  { route, key, fingerprint }: KeyedRequest,
): Promise<Replay | null> => {
  const stored = await store.find({ tenantId, route, key })
  if (stored === null) return null
  return stored.fingerprint === fingerprint
    ? { outcome: 'replayed', status: stored.status, body: stored.body }
    : { outcome: 'key_reused' }
}

/** Knows which keyed requests this process is answering right now. */
export interface IdempotencyGate {
  /** Lets one request per key in; null while another one is inside. The returned function lets the next one in. */
  enter(tenantId: string, request: KeyedRequest): (() => void) | null
}

export const createIdempotencyGate = (): IdempotencyGate => {
  const inside = new Set<string>()
  return {
    enter(tenantId, { route, key }) {
      const place = JSON.stringify([tenantId, route, key])
      if (inside.has(place)) return null
      inside.add(place)
      return () => inside.delete(place)
    },
  }
}

/** SHA-256 of a JSON value in its canonical form: key order and spacing do not count. */
export const fingerprintOf = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex')

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
  return `{${members.join(',')}}`
}
