import { Readable } from 'node:stream'
import type { FailureCode } from '../../src/job/failure.ts'
import {
  type CallEvidence,
  type Credits,
  type Download,
  type IssuedToken,
  type MessageChannel,
  type MessageEvent,
  type Provider,
  ProviderError,
  type ProviderSession,
  type RenderStatus,
  type SendResult,
  type SessionMedia,
  type SessionState,
  type Turn,
} from '../../src/providers/provider.ts'

/** An answer, an error that is thrown, or one after the other; the last one stays. */
export type Answers<T> = T | Error | readonly (T | Error)[]

/** What the provider says to each call. A call that is not scripted fails the test. */
export interface ProviderScript {
  readonly token?: Answers<IssuedToken>
  readonly session?: Answers<ProviderSession>
  /** The medium that an upload is answered with; `nothing` for an answer without one. */
  readonly upload?: Answers<SessionMedia | 'nothing'>
  readonly state?: Answers<SessionState>
  readonly credits?: Answers<Credits>
  readonly send?: Answers<SendResult>
  /** Frames before the message's end. The first one accepts it; without any it is not accepted. */
  readonly frames?: readonly MessageEvent[]
  readonly submit?: Answers<{ readonly outcome: 'submitted' | 'duplicate' }>
  readonly render?: Answers<RenderStatus>
  readonly cancelRender?: Answers<true>
  readonly download?: Answers<Omit<Download, 'body'>>
}

/** The only fake of the tests of stages: it stands at the provider contract and keeps a journal of its calls. */
export const createScriptedProvider = (script: ProviderScript, journal: string[]): Provider => {
  const turns = new Map<string, number>()
  const answer = <T>(name: keyof ProviderScript, answers: Answers<T> | undefined): Promise<T> => {
    const turn = turns.get(name) ?? 0
    turns.set(name, turn + 1)
    const list = (Array.isArray(answers) ? answers : [answers]) as readonly (T | Error | undefined)[]
    const next = list[Math.min(turn, list.length - 1)]
    if (next === undefined) throw new Error(`the test does not script "${name}"`)
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
  }
  const tell = (words: string): void => void journal.push(words)

  const openChannel = (): MessageChannel => ({
    readSession: () => {
      tell('channel: read session')
      return answer('state', script.state)
    },
    readCredits: () => {
      tell('channel: read credits')
      return answer('credits', script.credits)
    },
    send: async (text, listener) => {
      if (!listener.mayLeave()) return { outcome: 'not_sent', cause: 'given up' }
      tell(`channel: send ${JSON.stringify(text)}`)
      const frames = script.frames ?? []
      if (frames.length > 0) listener.onAccepted()
      for (const frame of frames) listener.onEvent(frame)
      return answer('send', script.send)
    },
    close: () => {
      tell('channel: close')
      return Promise.resolve()
    },
  })

  return {
    requestToken: (clientId) => {
      tell(`request token for ${clientId}`)
      return answer('token', script.token)
    },
    createSession: (_access, { taskName, language }) => {
      tell(`create session ${taskName} ${language}`)
      return answer('session', script.session)
    },
    uploadFile: async (_access, sessionId, { filename }) => {
      tell(`upload file ${filename} to ${sessionId}`)
      return toMedia(await answer('upload', script.upload))
    },
    uploadUrl: async (_access, sessionId, url) => {
      tell(`upload url ${url} to ${sessionId}`)
      return toMedia(await answer('upload', script.upload))
    },
    readSession: () => {
      tell('read session')
      return answer('state', script.state)
    },
    readCredits: () => {
      tell('read credits')
      return answer('credits', script.credits)
    },
    openChannel: (_access, sessionId) => {
      tell(`open channel to ${sessionId}`)
      return openChannel()
    },
    submitRender: (_access, { renderId, output }) => {
      tell(`submit ${renderId} ${JSON.stringify(output)}`)
      return answer('submit', script.submit)
    },
    readRender: (_access, renderId) => {
      tell(`read render ${renderId}`)
      return answer('render', script.render)
    },
    cancelRender: async (_access, renderId) => {
      tell(`cancel ${renderId}`)
      await answer('cancelRender', script.cancelRender ?? true)
    },
    download: async (_access, { renderId, url }) => {
      tell(`download ${renderId} from ${url}`)
      return { ...(await answer('download', script.download)), body: Readable.from(['movie']) }
    },
    writeSubtitles: (tracks, format) => `${format} of ${tracks.length} tracks`,
    routeMessage: () => ({ action: 'generate' }),
    observeCalls: (_onCall, work) => work(),
    translateText: (text, language) => `${language}: ${text}`,
    close: () => Promise.resolve(),
  }
}

const toMedia = (medium: SessionMedia | 'nothing'): SessionMedia[] => (medium === 'nothing' ? [] : [medium])

export const providerError = (
  code: FailureCode,
  details: {
    readonly evidence?: CallEvidence
    readonly retryAfterMs?: number
    readonly providerCode?: number
  } = {},
): ProviderError => new ProviderError(code, `the provider says ${code}`, { evidence: 'rejected', ...details })

/** A session whose draft can be told by its fingerprint. */
export const stateOf = (fingerprint: string, state: Partial<SessionState> = {}): SessionState => ({
  draft: { t: [fingerprint] },
  fingerprint,
  isExportable: true,
  tracks: [],
  timelineLine: `timeline of ${fingerprint}`,
  media: [],
  userId: null,
  ...state,
})

export const emptyState = stateOf('empty', { draft: null, isExportable: false, timelineLine: null })

export const creditsOf = (available: number, frozen = 0): Credits => ({
  available,
  frozen,
  total: available + frozen,
})

export const turnOf = (kind: Turn['kind'], turn: Partial<Turn> = {}): Turn => ({
  kind,
  text: kind === 'answered' ? 'Here it is.' : '',
  toolNames: [],
  error: kind === 'error' ? 'it broke' : null,
  ...turn,
})

export const mediumOf = (filename: string | null, medium: Partial<SessionMedia> = {}): SessionMedia => ({
  filename,
  kind: 'video',
  url: null,
  hash: null,
  durationMs: null,
  width: null,
  height: null,
  ...medium,
})
