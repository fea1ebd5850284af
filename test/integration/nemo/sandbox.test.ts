import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { routeMessage } from '../../../src/providers/nemo/intents.ts'
import type { MessageEvent, Provider, RenderStatus } from '../../../src/providers/provider.ts'
import { startSandbox } from '../../../src/sandbox/server.ts'
import { access as baseAccess, never, openProvider } from './nemo-setup.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const setup = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-nemo-'))
  const sandbox = await startSandbox({
    dataDir,
    timeFactor: 0.002,
    renderer: 'fixture',
    accounts: [{ token: baseAccess.token, credits: 1_000 }],
  })
  onTestFinished(async () => {
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { provider: openProvider(sandbox.url) }
}

const send = async (provider: Provider, sessionId: string, text: string) => {
  const channel = provider.openChannel(baseAccess, sessionId)
  const events: (MessageEvent['type'] | 'accepted')[] = []
  try {
    const before = await channel.readSession(never)
    const listener = {
      onAccepted: async () => void events.push('accepted'),
      onEvent: ({ type }: MessageEvent) => void events.push(type),
    }
    const result = await channel.send(text, listener, never)
    return { before, result, events, after: await provider.readSession(baseAccess, sessionId, never) }
  } finally {
    await channel.close()
  }
}

const waitForRender = async (provider: Provider, renderId: string): Promise<RenderStatus> => {
  for (;;) {
    const status = await provider.readRender(baseAccess, renderId, never)
    if (status.status !== 'pending' && status.status !== 'processing') return status
    await pause(10)
  }
}

describe('the sandbox, which reads the protocol on its own', () => {
  it('makes a video from a prompt and a picture, and changes it', async () => {
    const { provider } = await setup()
    const issued = await provider.requestToken('client-1', baseAccess.attribution, never)
    expect(issued).toMatchObject({ credits: 100, token: expect.stringMatching(/^nmv_usr_/) })
    expect(issued.expiresAtMs).not.toBeNull()

    const session = await provider.createSession(baseAccess, { taskName: 'project', language: 'en' }, never)
    const { sessionId } = session
    expect(sessionId).toMatch(/^\d{19}$/)
    const picture = { filename: 'dot.png', contentType: 'image/png', sizeBytes: png.length }
    const open = async (): Promise<Readable> => Readable.from([png])
    expect(await provider.uploadFile(baseAccess, sessionId, { ...picture, open }, never)).toMatchObject([
      { filename: 'dot.png', kind: 'image' },
    ])
    expect((await provider.readSession(baseAccess, sessionId, never)).media).toMatchObject([
      { filename: 'dot.png' },
    ])

    const credits = await provider.readCredits(baseAccess, never)
    const made = await send(provider, sessionId, 'make a 5 s clip of a city at night')
    expect(made.result).toMatchObject({ outcome: 'ended', turn: { kind: 'answered' } })
    expect(made.events[0]).toBe('accepted')
    expect(made.events).toContain('tool_result')
    expect(made.before.isExportable).toBe(false)
    expect(made.after.isExportable).toBe(true)
    expect(made.after.fingerprint).not.toBe(made.before.fingerprint)
    expect(made.after.timelineLine).toMatch(/^Timeline \(\d+ tracks?\): 1\. /)
    expect((await provider.readCredits(baseAccess, never)).available).toBeLessThan(credits.available)

    const changed = await send(provider, sessionId, 'add a title that says Hello')
    expect(changed.result.outcome).toBe('ended')
    expect(changed.after.fingerprint).not.toBe(made.after.fingerprint)

    expect(routeMessage('export')).toEqual({ action: 'export' })
    const render = {
      renderId: 'render_1',
      sessionId,
      draft: changed.after.draft ?? {},
      output: { format: 'mp4', quality: 'high' },
    }
    expect(await provider.readRender(baseAccess, 'render_1', never)).toEqual({ status: 'unknown' })
    expect(await provider.submitRender(baseAccess, render, never)).toEqual({ outcome: 'submitted' })
    expect(await provider.submitRender(baseAccess, render, never)).toEqual({ outcome: 'duplicate' })
    const rendered = await waitForRender(provider, 'render_1')
    if (rendered.status !== 'completed') expect.fail(rendered.status)
    for (const url of [rendered.url, null]) {
      const download = await provider.download(baseAccess, { renderId: 'render_1', url }, never)
      const content = await buffer(download.body)
      expect(content.subarray(4, 8).toString('latin1')).toBe('ftyp')
      expect(download.sizeBytes).toBe(content.length)
    }
    const link = await provider.createBrowserLink(
      baseAccess,
      { taskId: session.taskId ?? '', sessionId },
      never,
    )
    expect(link).toContain('https://nemovideo.com/workspace/claim?ct=')
  })

  it('says no as the protocol says', async () => {
    const { provider } = await setup()
    const stranger = { ...baseAccess, token: 'nmv_usr_nobody' }
    await expect(provider.readCredits(stranger, never)).rejects.toMatchObject({
      code: 'provider_auth_failed',
    })
    await expect(provider.readSession(baseAccess, '1', never)).rejects.toMatchObject({
      code: 'provider_session_lost',
    })
    const { sessionId } = await provider.createSession(baseAccess, { taskName: 'p', language: 'en' }, never)
    const file = {
      filename: 'a.txt',
      contentType: 'text/plain',
      sizeBytes: 1,
      open: async () => Readable.from([Buffer.from('x')]),
    }
    await expect(provider.uploadFile(baseAccess, sessionId, file, never)).rejects.toMatchObject({
      code: 'unsupported_media_type',
    })
    await provider.requestToken('client-2', baseAccess.attribution, never)
    await expect(provider.requestToken('client-2', baseAccess.attribution, never)).rejects.toMatchObject({
      code: 'provider_rate_limited',
    })
    const { result } = await send(provider, sessionId, 'hello')
    expect(result.outcome).toBe('ended')
  })
})
