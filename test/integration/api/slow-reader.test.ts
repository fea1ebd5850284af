import { once } from 'node:events'
import { get, type ServerResponse } from 'node:http'
import fastify from 'fastify'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Follower } from '../../../src/api/streams/event-hub.ts'
import { type EventStream, openEventStream } from '../../../src/api/streams/event-stream.ts'
import { followFeed } from '../../../src/api/streams/follow-feed.ts'
import { type FollowDeps, followJob, maxHeldEvents } from '../../../src/api/streams/follow-job.ts'
import type { StoredEvent } from '../../../src/store/job-events.ts'

describe('a client that reads nothing', () => {
  /** More than the buffers of a connection hold. */
  const longText = 'x'.repeat(32 * 1024 * 1024)
  const eventOf = (seq: number, data: StoredEvent['data'] = {}): StoredEvent => ({
    id: `evt_${seq}`,
    seq,
    type: 'job.message',
    jobId: 'job_1',
    tenantId: 'ten_1',
    at: new Date(0),
    data,
    cursor: { xid: '1', feedId: seq },
  })
  const stored = [eventOf(1, { text: longText })]
  const place = { tenantId: 'ten_1', jobId: 'job_1', types: null }

  test.each([
    ['a job', (deps: FollowDeps, stream: EventStream) => followJob(deps, stream, { ...place, after: 0 })],
    [
      'a tenant',
      (deps: FollowDeps, stream: EventStream) => followFeed(deps, stream, { ...place, after: null }),
    ],
  ])('of the events of %s is cut off once too many have come meanwhile', async (_of, follow) => {
    const followers: Follower[] = []
    const unfollowed = Promise.withResolvers<void>()
    const deps: FollowDeps = {
      events: {
        listOfJob: () => Promise.resolve(stored),
        listFeed: () =>
          Promise.resolve({ events: stored, next: { xid: '1', feedId: 1 }, isCut: false, gapTo: null }),
      },
      hub: {
        follow: (given) => {
          followers.push(given)
          return Promise.resolve(unfollowed.resolve)
        },
        poke: () => undefined,
        close: () => undefined,
      },
    }
    const followed = Promise.withResolvers<void>()
    const app = fastify()
    onTestFinished(() => app.close())
    let raw: ServerResponse | null = null
    app.get('/', (_request, reply) => {
      raw = reply.raw
      follow(deps, openEventStream(reply)).then(followed.resolve, followed.reject)
    })
    const client = get(await app.listen({ host: '127.0.0.1', port: 0 }))
    const cut = once(client, 'response').then(([response]) => once(response, 'error'))
    await vi.waitFor(() => expect(raw?.writableNeedDrain).toBe(true))

    const batch = Array.from({ length: maxHeldEvents / 2 }, (_, no) => eventOf(no + 2))
    for (const _ of ['held', 'held', 'too many']) followers[0]?.onEvents(batch)
    await Promise.all([unfollowed.promise, followed.promise])
    client.destroy()
    await cut
    expect(raw).toMatchObject({ destroyed: true, writableEnded: false })
  })
})
