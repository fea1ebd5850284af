import { describe, expect, it } from 'vitest'
import type { ProviderCall } from '../../../src/providers/provider.ts'
import { access, never, openProvider, say, send, setup } from './nemo-setup.ts'
import { closedPortUrl } from './scripted-server.ts'

const observe = async (
  provider: ReturnType<typeof openProvider>,
  work: () => Promise<unknown>,
): Promise<ProviderCall[]> => {
  const calls: ProviderCall[] = []
  await provider.observeCalls(
    (call) => calls.push(call),
    () => work().catch(() => undefined),
  )
  return calls
}

describe('the calls of an attempt', () => {
  it('are told with status, sizes and the beginnings of the bodies, without the token', async () => {
    const { provider } = await setup((_received, reply) =>
      reply.json({ code: 0, data: { task_id: 7, session_id: '9', token: 'leak', note: access.token } }),
    )
    const task = { taskName: 'fox', language: 'en' }
    const calls = await observe(provider, () => provider.createSession(access, task, never))
    expect(calls).toMatchObject([
      {
        operation: 'creating a session',
        method: 'POST',
        path: '/api/tasks/me/with-session/nemo_agent',
        request: {
          contentType: 'application/json',
          sizeBytes: 35,
          body: '{"task_name":"fox","language":"en"}',
        },
        response: { status: 200, contentType: 'application/json' },
        error: null,
      },
    ])
    expect(JSON.stringify(calls)).not.toMatch(/leak|SECRET/)
  })

  it('that failed are told with more of their answer, and those without an answer with the cause', async () => {
    const { provider } = await setup((_received, reply) =>
      reply.json({ code: 500, message: 'x'.repeat(3_000) }, 500),
    )
    const [failed] = await observe(provider, () => provider.readCredits(access, never))
    expect(failed?.response?.status).toBe(500)
    expect(failed?.response?.body?.length).toBe(1_501)
    const away = openProvider(await closedPortUrl())
    const [unanswered] = await observe(away, () => away.readCredits(access, never))
    expect(unanswered).toMatchObject({ response: null, error: expect.stringContaining('ECONNREFUSED') })
  })

  it('of a message hold none of its words', async () => {
    const { provider } = await setup((_received, reply) => {
      reply.stream(say('done, here is your clip'))
      reply.response.end()
    })
    const calls = await observe(provider, () => send(provider))
    expect(calls).toMatchObject([
      {
        operation: 'sending a message',
        path: '/run_sse',
        request: { body: null, sizeBytes: 11 },
        response: { status: 200, contentType: 'text/event-stream; charset=utf-8', body: null },
        error: null,
      },
    ])
  })

  it('are told to whoever listens, and only of what it asked for', async () => {
    const { provider } = await setup((received, reply) =>
      reply.json({ code: 0, data: { at: received.path } }),
    )
    const [left, right] = await Promise.all([
      observe(provider, () => provider.readSession(access, '1', never)),
      observe(provider, () => provider.readSession(access, '2', never)),
    ])
    expect([left, right].map((calls) => calls?.map(({ path }) => path.includes('/1/')))).toEqual([
      [true],
      [false],
    ])
  })
})
