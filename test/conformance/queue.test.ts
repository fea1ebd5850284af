import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { type Bell, openQueue, type QueueOptions } from '../../src/queue/backend.ts'
import { createTestDatabase } from '../support/database.ts'
import { openGate } from '../support/gate.ts'
import { startTestRedis } from '../support/redis.ts'

/** Where a queue lives, as far as the tests must reach behind its door. */
interface Place {
  readonly options: QueueOptions
  /** Makes it unreachable; where that is a restart, it loses what it held. */
  goDown(): Promise<void>
  comeBack(): Promise<void>
  /** How many bells it still holds, answered or not. */
  countBells(): Promise<number>
  remove(): Promise<void>
}

const openPostgres = async (): Promise<Place> => {
  const database = await createTestDatabase()
  const gate = await openGate(Number(new URL(database.url).port))
  const gatedUrl = new URL(database.url)
  gatedUrl.port = String(gate.port)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  return {
    options: { databaseUrl: gatedUrl.href },
    goDown: gate.shut,
    comeBack: gate.open,
    async countBells() {
      const { rows } = await client.query('SELECT count(*)::int AS count FROM bullmq.job')
      return rows[0].count
    },
    async remove() {
      await client.end()
      await gate.shut()
      await database.drop()
    },
  }
}

const openRedis = async (): Promise<Place> => {
  let server = (await startTestRedis())!
  const { port, url } = server
  const prefix = `test-${randomBytes(4).toString('hex')}`
  const keysOfTheQueue = new Set(['meta', 'events', 'id', 'marker', 'stalled-check'])
  return {
    options: { databaseUrl: 'postgres://unused', redisUrl: url, prefix },
    goDown: () => server.stop(),
    async comeBack() {
      server = (await startTestRedis({ port }))!
    },
    async countBells() {
      const client = new Redis(url)
      const keys = await client.keys(`${prefix}:*`)
      client.disconnect()
      return keys.filter((key) => !keysOfTheQueue.has(key.split(':')[2]!)).length
    },
    remove: () => server.stop(),
  }
}

const hasRedis = await startTestRedis().then(async (server) => {
  await server?.stop()
  return server !== null
})

const bells = (count: number): Bell[] =>
  Array.from({ length: count }, (_, no) => ({ id: `job_${no}`, ringNo: 1 }))

const never = new Promise<void>(() => undefined)

const places = [
  { kind: 'postgres', open: openPostgres, isHere: true },
  { kind: 'redis (left out: no redis-server on this machine)', open: openRedis, isHere: hasRedis },
].map((place) => (place.isHere ? { ...place, kind: place.kind.split(' ')[0]! } : place))

describe.each(places)('the queue in $kind', ({ open, isHere }) => {
  const setup = async (extra: Partial<QueueOptions> = {}) => {
    const place = await open()
    const errors: unknown[] = []
    const log = { info: () => null, warn: () => null, error: (fields: object) => errors.push(fields) }
    const queue = openQueue({ ...place.options, log, ...extra })
    const answered: Bell[] = []
    const listen = (
      onBell: (bell: Bell) => Promise<void> = async (bell) => void answered.push(bell),
      concurrency = 8,
    ) => {
      const listener = queue.listen('jobs', { concurrency }, onBell)
      onTestFinished(() => listener.close(0))
      return listener
    }
    onTestFinished(async () => {
      await queue.close()
      await place.remove()
    })
    return { place, queue, listen, answered, errors }
  }

  test.runIf(isHere)('every bell of a bulk is answered once', async () => {
    const { queue, listen, answered } = await setup()
    listen()
    await queue.ring('jobs', bells(100))
    await vi.waitFor(() => expect(answered.length).toBeGreaterThanOrEqual(100))
    expect(new Set(answered.map(({ id }) => id)).size).toBe(100)
    expect(answered).toHaveLength(100)
  })

  test.runIf(isHere)('a bell that waits is not added again; one that was answered is', async () => {
    const { queue, listen, answered } = await setup()
    const [bell] = bells(1)
    await queue.ring('jobs', [bell!, bell!])
    await queue.ring(
      'jobs',
      Array.from({ length: 20 }, () => bell!),
    )
    expect(await queue.depth('jobs')).toBe(1)
    listen()
    await vi.waitFor(async () => expect(await queue.depth('jobs')).toBe(0))
    await queue.ring('jobs', [bell!])
    await vi.waitFor(() => expect(answered).toEqual([bell, bell]))
  })

  test.runIf(isHere)('an urgent bell is heard before those that wait, and told as such', async () => {
    const { queue, listen, answered } = await setup()
    await queue.ring('jobs', bells(3))
    await queue.ring('jobs', [{ id: 'job_left_behind', ringNo: 2, isUrgent: true }])
    listen()
    await vi.waitFor(() => expect(answered).toHaveLength(4))
    expect(answered[0]).toEqual({ id: 'job_left_behind', ringNo: 2, isUrgent: true })
  })

  test.runIf(isHere)('the two queues do not mix', async () => {
    const { queue, listen, answered } = await setup()
    listen()
    await queue.ring('deliveries', [{ id: 'dlv_1', ringNo: 3 }])
    await queue.ring('jobs', [{ id: 'job_1', ringNo: 2 }])
    await vi.waitFor(() => expect(answered).toEqual([{ id: 'job_1', ringNo: 2 }]))
    expect(await queue.depth('deliveries')).toBe(1)
  })

  test.runIf(isHere)('no more bells are answered at once than asked for', async () => {
    const { queue, listen } = await setup()
    const waiting: (() => void)[] = []
    let most = 0
    let answered = 0
    const answer = async () => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        most = Math.max(most, waiting.length)
      })
      answered += 1
    }
    listen(answer, 3)
    await queue.ring('jobs', bells(10))
    while (answered < 10) {
      await vi.waitFor(() => expect(waiting.length).toBe(Math.min(3, 10 - answered)))
      waiting.shift()?.()
      await vi.waitFor(() => expect(waiting.length + answered).toBeGreaterThan(0))
    }
    expect(most).toBe(3)
  })

  test.runIf(isHere)('a listener that throws is logged, not asked again, and stays', async () => {
    const { queue, listen, errors } = await setup()
    const asked: string[] = []
    listen(async ({ id }) => {
      asked.push(id)
      if (id === 'job_0') throw new Error('not today')
    }, 1)
    await queue.ring('jobs', bells(3))
    await vi.waitFor(async () => expect(await queue.depth('jobs')).toBe(0))
    expect(asked.toSorted()).toEqual(['job_0', 'job_1', 'job_2'])
    expect(errors).toMatchObject([{ queue: 'jobs', bell: 'job_0-1', err: { message: 'not today' } }])
  })

  test.runIf(isHere)('closing waits for the bell that is being answered, and takes no other', async () => {
    const { queue, listen } = await setup()
    const asked: string[] = []
    let finish: () => void = () => undefined
    const listener = listen(async ({ id }) => {
      asked.push(id)
      await new Promise<void>((resolve) => {
        finish = resolve
      })
    }, 1)
    await queue.ring('jobs', bells(2))
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    let isClosed = false
    const closing = listener.close(20_000).then(() => {
      isClosed = true
    })
    expect(isClosed).toBe(false)
    finish()
    await closing
    expect(asked).toHaveLength(1)
    expect(await queue.depth('jobs')).toBe(1)
  })

  test.runIf(isHere)('closing does not wait for ever', async () => {
    const { queue, listen } = await setup()
    let asked = 0
    const listener = listen(() => {
      asked += 1
      return never
    })
    await queue.ring('jobs', bells(1))
    await vi.waitFor(() => expect(asked).toBe(1))
    await listener.close(50)
  })

  test.runIf(isHere)('closing comes to an end while the queue is down', async () => {
    const { place, queue, listen, answered } = await setup()
    const listener = listen()
    await queue.ring('jobs', bells(1))
    await vi.waitFor(() => expect(answered).toHaveLength(1))
    await place.goDown()
    await listener.close(200)
    await place.comeBack()
  })

  test.runIf(isHere)('flushing drops what waits', async () => {
    const { queue, listen, answered } = await setup()
    await queue.ring('jobs', bells(50))
    await queue.ring('deliveries', bells(5))
    await queue.flush()
    expect(await queue.depth('jobs')).toBe(0)
    expect(await queue.depth('deliveries')).toBe(0)
    listen()
    await queue.ring('jobs', [{ id: 'job_after', ringNo: 1 }])
    await vi.waitFor(() => expect(answered).toEqual([{ id: 'job_after', ringNo: 1 }]))
  })

  test.runIf(isHere)(
    'ringing fails while the queue is down, and both sides go on when it is back',
    async () => {
      const { place, queue, listen, answered } = await setup()
      listen()
      await queue.ring('jobs', [{ id: 'job_before', ringNo: 1 }])
      await vi.waitFor(() => expect(answered).toHaveLength(1))

      await place.goDown()
      await expect(queue.ring('jobs', [{ id: 'job_lost', ringNo: 1 }])).rejects.toThrow()
      await expect(queue.ring('jobs', bells(30))).rejects.toThrow()
      expect(await queue.check()).toMatchObject({ ok: false, detail: expect.stringMatching(/./) })

      await place.comeBack()
      // As the dispatcher does: a bell that nobody answers is rung again.
      let ringNo = 1
      await vi.waitFor(
        async () => {
          ringNo += 1
          await queue.ring('jobs', [{ id: 'job_after', ringNo }])
          await vi.waitFor(() => expect(answered.map(({ id }) => id)).toContain('job_after'))
        },
        { timeout: 20_000, interval: 200 },
      )
      expect(await queue.check()).toEqual({ ok: true })
    },
  )

  test.runIf(isHere)('a process that starts while the queue is down works once it is up', async () => {
    const { place, queue, listen, answered } = await setup()
    await place.goDown()
    const listener = listen()
    await expect(queue.ring('jobs', bells(1))).rejects.toThrow()
    expect(listener.isHealthy()).toBe(false)

    await place.comeBack()
    await vi.waitFor(() => queue.ring('jobs', bells(1)), { timeout: 20_000, interval: 200 })
    await vi.waitFor(() => expect(answered).toEqual(bells(1)), { timeout: 20_000 })
    expect(listener.isHealthy()).toBe(true)
  })

  test.runIf(isHere)(
    'a listener that has not been at its queue for half a minute is not healthy',
    async () => {
      let laterMs = 0
      const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + laterMs }
      const { place, listen } = await setup({ clock })
      const listener = listen()
      await vi.waitFor(() => expect(listener.isHealthy()).toBe(true))

      await place.goDown()
      laterMs = 31_000
      expect(listener.isHealthy()).toBe(false)
      await place.comeBack()
      await vi.waitFor(() => expect(listener.isHealthy()).toBe(true), { timeout: 20_000 })
    },
  )

  test.runIf(isHere)('answered bells leave nothing behind', async () => {
    const { place, queue, listen, answered } = await setup()
    listen(async (bell) => {
      answered.push(bell)
      if (bell.id === 'job_7') throw new Error('not today')
    })
    await queue.ring('jobs', bells(40))
    await vi.waitFor(() => expect(answered).toHaveLength(40))
    await vi.waitFor(async () => expect(await place.countBells()).toBe(0))
  })
})

test.runIf(hasRedis)('a Redis that evicts keys is refused, and told of in the log alone', async () => {
  const server = (await startTestRedis({ maxmemoryPolicy: 'allkeys-lru' }))!
  const printed = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const warn = vi.fn()
  const log = { info: vi.fn(), error: vi.fn(), warn }
  const queue = openQueue({ databaseUrl: 'postgres://unused', redisUrl: server.url, log })
  const listener = queue.listen('jobs', { concurrency: 1 }, async () => undefined)
  onTestFinished(async () => {
    await listener.close(1_000)
    await queue.close()
    await server.stop()
    printed.mockRestore()
  })
  expect(await queue.check()).toEqual({ ok: false, detail: expect.stringContaining('set it to noeviction') })
  await queue.ring('jobs', bells(1))
  await vi.waitFor(() => expect(listener.heard).toBe(1))
  expect(printed).not.toHaveBeenCalled()
  expect(warn.mock.calls).toEqual([
    [
      { where: 'redis', code: 'Error', reason: expect.stringContaining('allkeys-lru') },
      'the queue complains',
    ],
  ])
})
