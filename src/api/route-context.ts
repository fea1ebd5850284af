import type { RequireKey } from './auth.ts'
import type { ApiDeps } from './deps.ts'
import type { FailedKeys } from './failed-keys.ts'
import type { Keyring } from './keyring.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { EventHub } from './streams/event-hub.ts'
import type { StreamRoom } from './streams/stream-room.ts'

/** What the routes are built with: what the API was handed, and what the server made of it once for all. */
export interface RouteContext {
  readonly deps: ApiDeps
  readonly requireKey: RequireKey
  readonly keyring: Pick<Keyring, 'forget' | 'readStanding'>
  /** The rates of keys, intakes and tenants. */
  readonly limiter: RateLimiter
  /** How often addresses send events that nobody signed right. */
  readonly strangers: Pick<FailedKeys, 'count'>
  readonly hub: EventHub
  readonly room: StreamRoom
  /** Fires when the server stops: whoever waits answers now. */
  readonly closing: AbortSignal
}
