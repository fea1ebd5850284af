import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import {
  createNemoProvider,
  type NemoNote,
  type NemoOptions,
  type NemoProvider,
} from '../../../src/providers/nemo/nemo-provider.ts'
import type { MessageEvent, ProviderAccess, SendResult } from '../../../src/providers/provider.ts'
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts'

export const access: ProviderAccess = {
  token: 'nmv_usr_SECRET0001',
  attribution: { source: 'free-video-generation-api', version: '1.0.0', platform: 'unknown' },
}

export const never = new AbortController().signal

export const timings = { sseIdleMs: 600_000, sseMaxMs: 900_000, sseSettleMs: 120_000, callTimeoutMs: 30_000 }

export interface Setup {
  readonly server: ScriptedServer
  readonly provider: NemoProvider
  readonly notes: NemoNote[]
}

/** A provider against a scripted server; both end with the test. */
export const setup = async (
  script: Script,
  options: Partial<NemoOptions> & { readonly clock?: Clock } = {},
  onFirstByte?: () => void,
): Promise<Setup> => {
  const server = await startScriptedServer(script, onFirstByte)
  const notes: NemoNote[] = []
  const provider = openProvider(server.url, { note: (note) => notes.push(note), ...options })
  return { server, provider, notes }
}

export const openProvider = (apiUrl: string, options: Partial<NemoOptions> = {}): NemoProvider => {
  const provider = createNemoProvider({ apiUrl, clock: systemClock, timings, ...options })
  onTestFinished(() => provider.close())
  return provider
}

export interface Sent {
  readonly result: SendResult
  /** What the listener heard, in order. */
  readonly heard: (MessageEvent['type'] | 'accepted')[]
}

export interface Sending {
  readonly onHeard?: (heard: MessageEvent['type'] | 'accepted') => void
  readonly signal?: AbortSignal
  readonly warm?: boolean
  readonly mayLeave?: () => boolean
}

/** Sends one message on a channel of its own. */
export const send = async (
  provider: NemoProvider,
  { onHeard, signal = never, warm = false, mayLeave = () => true }: Sending = {},
): Promise<Sent> => {
  const channel = provider.openChannel(access, '5529798706099999999')
  const heard: Sent['heard'] = []
  const hear = (what: MessageEvent['type'] | 'accepted'): void => {
    heard.push(what)
    onHeard?.(what)
  }
  try {
    if (warm) {
      await channel.readSession(never)
      await channel.readCredits(never)
    }
    const listener = {
      mayLeave,
      onAccepted: () => hear('accepted'),
      onEvent: ({ type }: MessageEvent) => hear(type),
    }
    return { result: await channel.send('make a clip', listener, signal), heard }
  } finally {
    await channel.close()
  }
}

export const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

export const say = (text: string, id?: string): string =>
  frame({ content: { parts: [{ text }], role: 'model' }, ...(id === undefined ? {} : { id }) })

export const call = (name: string): string =>
  frame({ content: { parts: [{ functionCall: { id: `adk-${name}`, name } }] } })

export const answer = (name: string): string =>
  frame({ content: { parts: [{ functionResponse: { id: `adk-${name}`, name, response: {} } }] } })
