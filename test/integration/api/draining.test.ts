import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedJob } from '../../support/seed-job.ts'
import { openStream } from './event-stream.ts'
import { type ApiKit, openApiKit } from './kit.ts'

/** guarantees.md §2.1-13: what a client sees of a server that is told to stop. */
describe('an API that stops', () => {
  let kit: ApiKit
  let origin: URL
  beforeAll(async () => {
    kit = await openApiKit()
    origin = new URL(await kit.app.listen({ host: '127.0.0.1', port: 0 }))
  })
  afterAll(() => kit.close())

  /** A request of which all but the last line has been sent. */
  const beginRequest = async (): Promise<Socket> => {
    const socket = connect(Number(origin.port), origin.hostname)
    await once(socket, 'connect')
    socket.write(`GET /v1/jobs HTTP/1.1\r\nHost: ${origin.host}\r\nAuthorization: Bearer ${kit.apiKey}\r\n`)
    return socket
  }

  const isRefused = (): Promise<boolean> => {
    const socket = connect(Number(origin.port), origin.hostname)
    return new Promise((resolve) => {
      socket.once('connect', () => {
        socket.destroy()
        resolve(false)
      })
      socket.once('error', () => resolve(true))
    })
  }

  test('ends its event streams with when to come back, refuses what comes late, and hangs up', async () => {
    const id = await seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId },
      request: { tenant_id: kit.tenantId },
    })
    const stream = await openStream(new URL(`/v1/jobs/${id}/events`, origin).href, {
      authorization: `Bearer ${kit.apiKey}`,
    })
    await stream.next()
    const late = await beginRequest()
    // The server has it: a request that was begun after it has been answered in full.
    await (await fetch(new URL('/livez', origin))).text()

    const closed = kit.app.close()
    while (!(await isRefused()));
    await stream.ended
    expect(stream.retries.at(-1)).toBe(2_000)

    late.write('\r\n')
    let answer = ''
    for await (const chunk of late) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(answer).toMatch(/\r\nretry-after: 5\r\n/i)
    expect(answer).toContain('"title"')
    await closed
  })
})
