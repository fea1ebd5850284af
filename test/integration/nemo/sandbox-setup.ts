import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { onTestFinished } from 'vitest'
import type { NemoProvider } from '../../../src/providers/nemo/nemo-provider.ts'
import type { MessageEvent, Provider } from '../../../src/providers/provider.ts'
import { startSandbox } from '../../../src/sandbox/server.ts'
import { access, never, openProvider } from './nemo-setup.ts'

export interface SandboxSetup {
  readonly provider: NemoProvider
  /** Makes the sandbox misbehave from now on. */
  readonly fault: (set: Record<string, unknown>, more?: Record<string, unknown>) => Promise<void>
}

/** A sandbox with one account of 1,000 credits and virtual delays of next to nothing; it ends with the test. */
export const setupSandbox = async (): Promise<SandboxSetup> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-nemo-'))
  const sandbox = await startSandbox({
    dataDir,
    timeFactor: 0.0005,
    renderer: 'fixture',
    accounts: [{ token: access.token, credits: 1_000 }],
  })
  onTestFinished(async () => {
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const timings = { sseIdleMs: 1_500, sseMaxMs: 15_000, sseSettleMs: 500, callTimeoutMs: 2_000 }
  return {
    provider: openProvider(sandbox.url, { timings }),
    fault: async (set, more = {}) => {
      const body = JSON.stringify({ set, ...more })
      const headers = { 'content-type': 'application/json' }
      const answer = await request(`${sandbox.url}/sandbox/faults`, { method: 'POST', headers, body })
      const text = await answer.body.text()
      if (answer.statusCode !== 201) throw new Error(text)
    },
  }
}

export const createSession = async (provider: Provider): Promise<{ sessionId: string; taskId: string }> => {
  const session = await provider.createSession(access, { taskName: 'project', language: 'en' }, never)
  return { sessionId: session.sessionId, taskId: session.taskId ?? '' }
}

/** Sends a message as the generate stage does: baseline, then the message, over one connection. */
export const sendMessage = async (provider: Provider, sessionId: string, text: string) => {
  const channel = provider.openChannel(access, sessionId)
  const events: (MessageEvent['type'] | 'accepted')[] = []
  const texts: string[] = []
  try {
    const before = await channel.readSession(never)
    const listener = {
      mayLeave: () => true,
      onAccepted: () => void events.push('accepted'),
      onEvent: (event: MessageEvent) => {
        events.push(event.type)
        if (event.type === 'text') texts.push(event.text)
      },
    }
    return { before, result: await channel.send(text, listener, never), events, texts }
  } finally {
    await channel.close()
  }
}
