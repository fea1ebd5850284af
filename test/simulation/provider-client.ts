import { Readable } from 'node:stream'
import type { Download, Provider, ProviderAccess, SessionMedia } from '../../src/providers/provider.ts'
import { openMessageChannel, type SendWatch } from './message-channel.ts'
import { exchange, type Fate } from './network.ts'
import type { Process } from './process.ts'
import { assertSession, assertToken, rateLimited, unavailable } from './provider-refusals.ts'
import type { ProviderServer } from './provider-server.ts'
import type { World } from './world.ts'

/** What a download really is; the contract shows only its stated length. */
export interface DownloadTruth {
  readonly renderId: string
  readonly isTruncated: boolean
}

export interface ProviderClientDeps {
  readonly world: World
  readonly process: Process
  readonly server: ProviderServer
  readonly downloads: WeakMap<Readable, DownloadTruth>
  /** Told of every render and file that arrives, and of every message that leaves. */
  readonly watch: SendWatch & {
    readonly renderArrives: (renderId: string, sessionId: string) => void
    readonly mediaAdded: (sessionId: string) => void
  }
}

/** The provider as one process calls it: over a network, with every lie that a provider may tell. */
export const createProviderClient = (deps: ProviderClientDeps): Provider => {
  const { world, server } = deps
  const call = <T>(name: string, access: ProviderAccess | null, signal: AbortSignal, act: () => T) =>
    callProvider(deps, name, access, signal, act)
  const remembered = new Map<string, ReturnType<ProviderServer['look']>>()

  const look = (sessionId: string) => {
    assertSession(world, server, sessionId)
    const state = server.look(sessionId)
    if (world.bug !== 'stale_session') return state
    const first = remembered.get(sessionId) ?? state
    if (state.isExportable) remembered.set(sessionId, first)
    return first
  }

  return {
    requestToken: () => Promise.reject(new Error('the simulation gives out its own tokens')),
    createSession: (access, { taskName }, signal) =>
      call('create session', access, signal, () => ({
        sessionId: server.createSession(taskName),
        taskId: null,
        userId: null,
      })),
    uploadFile: (access, sessionId, { filename }, signal) =>
      call('upload', access, signal, () => keep(deps, sessionId, filename)),
    uploadUrl: (access, sessionId, url, signal) =>
      call('upload url', access, signal, () => keep(deps, sessionId, String(url.split('/').at(-1)))),
    readSession: (access, sessionId, signal) => call('read session', access, signal, () => look(sessionId)),
    readCredits: (access, signal) => call('read credits', access, signal, () => server.balance()),
    openChannel: (access, sessionId) => openMessageChannel({ ...deps, access, sessionId, call, look }),
    submitRender: (access, { renderId, sessionId, draft }, signal) =>
      call('submit render', access, signal, () => {
        const isSecond = world.bug === 'new_render_id' && server.renders.has(renderId)
        const id = isSecond ? `${renderId}-again` : renderId
        deps.watch.renderArrives(id, sessionId)
        return { outcome: server.submitRender(id, sessionId, draft['effects'] as string[]) }
      }),
    readRender: (access, renderId, signal) =>
      call('read render', access, signal, () => {
        const isForgotten = world.bug === 'new_render_id' && !server.renders.has(`${renderId}-again`)
        return isForgotten && world.random.chance(0.3) ? { status: 'unknown' } : server.readRender(renderId)
      }),
    cancelRender: (access, renderId, signal) =>
      call('cancel render', access, signal, () => server.cancelRender(renderId)),
    download: (access, { renderId }, signal) =>
      call('download', access, signal, () => toDownload(deps, renderId)),
    writeSubtitles: () => '',
    routeMessage: () => ({ action: 'generate' }),
    observeCalls: (_onCall, work) => work(),
    translateText: (text) => text,
    close: () => Promise.resolve(),
  }
}

/** A call that is safe to repeat: whatever goes wrong is a `ProviderError`, as of the real client. */
const callProvider = <T>(
  { world, process, server }: ProviderClientDeps,
  name: string,
  access: ProviderAccess | null,
  signal: AbortSignal,
  act: () => T,
): Promise<T> => {
  const { random, faults, scheduler } = world
  const strikes = (rate: number): boolean => scheduler.nowMs < faults.untilMs && random.chance(rate)
  const fate: Fate = strikes(faults.provider.refuse)
    ? 'refused'
    : strikes(faults.provider.lose)
      ? 'lost'
      : strikes(faults.provider.loseAnswer)
        ? 'answer_lost'
        : 'fine'
  const [failsBefore, failsAfter] = [strikes(faults.provider.failBefore), strikes(faults.provider.failAfter)]
  const isLimited = strikes(faults.provider.limitRate)
  return exchange(world, process, {
    name,
    fate,
    outMs: random.between(1, 40),
    backMs: random.between(1, 40),
    signal,
    toAbortError: () => unavailable(name, 'unknown', 'aborted'),
    toError: (kind) =>
      kind === 'refused'
        ? unavailable(name, 'not_sent', 'ECONNREFUSED')
        : unavailable(name, 'unknown', 'ECONNRESET'),
    act: () => {
      if (access !== null) assertToken(server, access)
      if (isLimited) throw rateLimited(name)
      if (failsBefore) throw unavailable(name, 'answered', 'HTTP 503')
      const value = act()
      if (failsAfter) throw unavailable(name, 'answered', 'HTTP 500')
      return value
    },
  })
}

const keep = (
  { world, server, watch }: ProviderClientDeps,
  sessionId: string,
  filename: string,
): SessionMedia[] => {
  assertSession(world, server, sessionId)
  server.addMedia(sessionId, filename)
  watch.mediaAdded(sessionId)
  return server.look(sessionId).media.slice(-1)
}

const toDownload = ({ world, server, downloads }: ProviderClientDeps, renderId: string): Download => {
  const { random, faults, scheduler } = world
  if (server.readRender(renderId).status !== 'completed')
    throw unavailable('download', 'answered', 'HTTP 404')
  const body = Readable.from([])
  const isTruncated = scheduler.nowMs < faults.untilMs && random.chance(faults.provider.truncate)
  downloads.set(body, { renderId, isTruncated })
  return { body, sizeBytes: 1_000, contentType: 'video/mp4' }
}
