import { Agent } from 'undici'
import type { Clock } from '../../clock.ts'
import type { Provider, ProviderAccess } from '../provider.ts'
import { observeCalls } from './call-log.ts'
import { openChannel } from './channel.ts'
import { createBrowserLink } from './claim.ts'
import { createClient } from './client.ts'
import { type FetchForeign, openDownload } from './downloads.ts'
import { routeMessage } from './intents.ts'
import { translatePhrases } from './phrases.ts'
import { cancelRender, readRender, submitRender } from './renders.ts'
import { createSession, readCredits, readSession, requestToken } from './sessions.ts'
import { writeSubtitles } from './subtitles.ts'
import { uploadFile, uploadUrl } from './uploads.ts'

export interface NemoOptions {
  /** Where the API is; its path, if any, comes before those of the calls. */
  readonly apiUrl: string
  readonly clock: Clock
  readonly timings: NemoTimings
  /** For render files of other origins than the API's: the guarded client. Without it only the API's own are fetched. */
  readonly fetchForeign?: FetchForeign
  /** Facts for the log; none of them holds text of a client's or the provider's. */
  readonly note?: (note: NemoNote) => void
}

export interface NemoTimings {
  /** The longest silence of a message's stream but for heartbeats. */
  readonly sseIdleMs: number
  /** The longest a message may take as a whole. */
  readonly sseMaxMs: number
  /** After this long a silence behind a final text, heartbeats included, a stream that is left open has ended. */
  readonly sseSettleMs?: number
  /** For the head of an ordinary answer, and for each silence within it. */
  readonly callTimeoutMs?: number
}

export interface NemoNote {
  readonly type: 'unreadable_frame'
  readonly sizeBytes: number
}

/** NemoVideo, with what only it has. */
export interface NemoProvider extends Provider {
  createBrowserLink(
    access: ProviderAccess,
    session: { readonly taskId: string; readonly sessionId: string },
    signal: AbortSignal,
  ): Promise<string>
}

/**
 * Five minutes at the production time-outs: a generation takes no longer, and a heartbeat in between starts it anew.
 * Closing a stream too early may cancel a paid run; closing a dead one late costs only time.
 */
const settleShare = 1 / 2

/** Everything that upstream-protocol.md says of the API, behind the contract of `provider.ts`. */
export const createNemoProvider = (options: NemoOptions): NemoProvider => {
  const { clock, note, fetchForeign = null } = options
  const apiUrl = new URL(options.apiUrl)
  const {
    sseIdleMs,
    sseMaxMs,
    sseSettleMs = sseIdleMs * settleShare,
    callTimeoutMs = 30_000,
  } = options.timings
  const timings = { sseIdleMs, sseMaxMs, sseSettleMs, callTimeoutMs }
  const agent = new Agent({
    pipelining: 1,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 30_000,
    connect: { timeout: 10_000 },
  })
  const client = createClient({ apiUrl, dispatcher: agent, clock, callTimeoutMs })
  const onUnreadable = (sizeBytes: number): void => note?.({ type: 'unreadable_frame', sizeBytes })
  const channels = { apiUrl, clock, timings, onUnreadable }
  const downloads = { apiUrl, dispatcher: agent, clock, callTimeoutMs, fetchForeign }

  return {
    observeCalls,
    requestToken: (clientId, attribution, signal) => requestToken(client, clientId, attribution, signal),
    createSession: (access, session, signal) => createSession(client, access, session, signal),
    uploadFile: (access, sessionId, file, signal) => uploadFile(client, access, sessionId, file, signal),
    uploadUrl: (access, sessionId, url, signal) => uploadUrl(client, access, sessionId, url, signal),
    readSession: (access, sessionId, signal) => readSession(client, access, sessionId, signal),
    readCredits: (access, signal) => readCredits(client, access, signal),
    openChannel: (access, sessionId) => openChannel(channels, access, sessionId),
    submitRender: (access, render, signal) => submitRender(client, apiUrl, access, render, signal),
    readRender: (access, renderId, signal) => readRender(client, apiUrl, access, renderId, signal),
    cancelRender: (access, renderId, signal) => cancelRender(client, access, renderId, signal),
    download: (access, render, signal) => openDownload(downloads, access, render, signal),
    createBrowserLink: (access, session, signal) => createBrowserLink(client, access, session, signal),
    writeSubtitles,
    routeMessage,
    translateText: translatePhrases,
    close: () => agent.destroy(),
  }
}
