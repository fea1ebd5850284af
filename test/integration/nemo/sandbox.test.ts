import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { routeMessage } from '../../../src/providers/nemo/intents.ts'
import type { Provider, RenderStatus } from '../../../src/providers/provider.ts'
import { access, never } from './nemo-setup.ts'
import { createSession, sendMessage, setupSandbox } from './sandbox-setup.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Polls until the render has come to its end. */
const endOfRender = (provider: Provider, renderId: string): Promise<RenderStatus> =>
  vi.waitFor(async () => {
    const status = await provider.readRender(access, renderId, never)
    if (status.status === 'pending' || status.status === 'processing') throw new Error('not yet')
    return status
  }, 10_000)

describe('the sandbox, which reads the protocol on its own', () => {
  it('makes a video from a prompt and a picture, and changes it', async () => {
    const { provider } = await setupSandbox()
    const issued = await provider.requestToken('client-1', access.attribution, never)
    expect(issued).toMatchObject({ credits: 100, token: expect.stringMatching(/^nmv_usr_/) })
    expect(issued.expiresAtMs).not.toBeNull()

    const { sessionId, taskId } = await createSession(provider)
    expect(sessionId).toMatch(/^\d{19}$/)
    const picture = { filename: 'dot.png', contentType: 'image/png', sizeBytes: png.length }
    const open = async (): Promise<Readable> => Readable.from([png])
    expect(await provider.uploadFile(access, sessionId, { ...picture, open }, never)).toMatchObject([
      { filename: 'dot.png', kind: 'image' },
    ])
    expect((await provider.readSession(access, sessionId, never)).media).toMatchObject([
      { filename: 'dot.png' },
    ])

    const credits = await provider.readCredits(access, never)
    const made = await sendMessage(provider, sessionId, 'make a 5 s clip of a city at night')
    expect(made.result).toMatchObject({ outcome: 'ended', turn: { kind: 'answered' } })
    expect(made.events[0]).toBe('accepted')
    expect(made.events).toContain('tool_result')
    expect(made.before.isExportable).toBe(false)
    const afterMade = await provider.readSession(access, sessionId, never)
    expect(afterMade.isExportable).toBe(true)
    expect(afterMade.fingerprint).not.toBe(made.before.fingerprint)
    expect(afterMade.timelineLine).toMatch(/^Timeline \(\d+ tracks?\): 1\. /)
    expect((await provider.readCredits(access, never)).available).toBeLessThan(credits.available)

    const changed = await sendMessage(provider, sessionId, 'add a title that says Hello')
    expect(changed.result.outcome).toBe('ended')
    const afterChanged = await provider.readSession(access, sessionId, never)
    expect(afterChanged.fingerprint).not.toBe(afterMade.fingerprint)

    expect(routeMessage('export')).toEqual({ action: 'export' })
    const render = {
      renderId: 'render_1',
      sessionId,
      draft: afterChanged.draft ?? {},
      output: { format: 'mp4', quality: 'high' },
    }
    expect(await provider.readRender(access, 'render_1', never)).toEqual({ status: 'unknown' })
    expect(await provider.submitRender(access, render, never)).toEqual({ outcome: 'submitted' })
    expect(await provider.submitRender(access, render, never)).toEqual({ outcome: 'duplicate' })
    const rendered = await endOfRender(provider, 'render_1')
    if (rendered.status !== 'completed') expect.fail(rendered.status)
    for (const url of [rendered.url, null]) {
      const download = await provider.download(access, { renderId: 'render_1', url }, never)
      const content = await buffer(download.body)
      expect(content.subarray(4, 8).toString('latin1')).toBe('ftyp')
      expect(download.sizeBytes).toBe(content.length)
    }
    const link = await provider.createBrowserLink(access, { taskId, sessionId }, never)
    expect(link).toContain('https://nemovideo.com/workspace/claim?ct=')
  })

  it('says no as the protocol says', async () => {
    const { provider } = await setupSandbox()
    const stranger = { ...access, token: 'nmv_usr_nobody' }
    await expect(provider.readCredits(stranger, never)).rejects.toMatchObject({
      code: 'provider_auth_failed',
    })
    await expect(provider.readSession(access, '1', never)).rejects.toMatchObject({
      code: 'provider_session_lost',
    })
    const { sessionId } = await createSession(provider)
    const file = {
      filename: 'a.txt',
      contentType: 'text/plain',
      sizeBytes: 1,
      open: async () => Readable.from([Buffer.from('x')]),
    }
    await expect(provider.uploadFile(access, sessionId, file, never)).rejects.toMatchObject({
      code: 'unsupported_media_type',
    })
    await provider.requestToken('client-2', access.attribution, never)
    await expect(provider.requestToken('client-2', access.attribution, never)).rejects.toMatchObject({
      code: 'provider_rate_limited',
    })
    const { result } = await sendMessage(provider, sessionId, 'hello')
    expect(result.outcome).toBe('ended')
  })
})
