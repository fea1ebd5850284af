import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { type Bell, type Canary, openQueue, type QueueBackend } from '../../../src/queue/backend.ts'
import { migrateQueue } from '../../../src/queue/migrate.ts'
import { type KeptListener, keepListener } from '../../../src/worker/kept-listener.ts'
import { createTestDatabase } from '../../support/database.ts'
import { type Detour, openDetour } from '../../support/detour.ts'
import { startTestRedis, type TestRedis } from '../../support/redis.ts'

const patience = { timeout: 20_000, interval: 20 }
const redisServers = await Promise.all([startTestRedis(), startTestRedis()])

afterAll(async () => {
  for (const server of redisServers) await server?.stop()
})

interface Place {
  readonly url: string
  /** Behind the same address there is another server from now on; who is connected stays with the old one. */
  replace(): void
  readonly openQueue: () => QueueBackend
}

const behind = (url: string, { port }: Detour): string => {
  const moved = new URL(url)
  moved.hostname = '127.0.0.1'
  moved.port = String(port)
  return moved.href
}

const inRedis = async ([first, second]: readonly TestRedis[]): Promise<Place> => {
  const detour = await openDetour({ port: first!.port })
  onTestFinished(() => detour.close())
  const url = behind(first!.url, detour)
  return {
    url,
    replace: () => detour.moveTo({ port: second!.port }),
    openQueue: () => openQueue({ redisUrl: url, databaseUrl: 'postgres://nowhere' }),
  }
}

const migrated = async () => {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await migrateQueue(client)
  await client.end()
  onTestFinished(() => database.drop())
  return database
}

const inPostgres = async (): Promise<Place> => {
  const [first, second] = [await migrated(), await migrated()]
  const { port, pathname } = new URL(first.url)
  const detour = await openDetour({ port: Number(port) })
  onTestFinished(() => detour.close())
  const url = behind(first.url, detour)
  const [oldName, newName] = [pathname.slice(1), new URL(second.url).pathname.slice(1)]
  return {
    url,
    replace: () =>
      detour.moveTo({
        port: Number(port),
        // Both names are equally long, so that the length of the greeting stays right.
        greet: (bytes) => Buffer.from(bytes.toString('latin1').replace(oldName, newName), 'latin1'),
      }),
    openQueue: () => openQueue({ databaseUrl: url }),
  }
}

const listenWell = (
  queue: QueueBackend,
  canary: Canary,
  onBell: (bell: Bell) => Promise<void>,
): { listener: KeptListener; foundDeaf: string[] } => {
  // Looked at so often, a listener of a busy machine may seem to be away, which is not what is asked here.
  const foundDeaf: string[] = []
  const listener = keepListener(() => queue.listen('jobs', { concurrency: 2 }, onBell), {
    clock: systemClock,
    telemetry: {
      state: (_fact, details) => {
        if ('reason' in details && details.reason === 'deaf') foundDeaf.push(details.reason)
      },
    },
    queue: 'jobs',
    canary,
    checkEveryMs: 50,
  })
  return { listener, foundDeaf }
}

const places: readonly (readonly [string, boolean, () => Promise<Place>])[] = [
  ['Redis', redisServers.every((server) => server !== null), () => inRedis(redisServers as TestRedis[])],
  ['Postgres', true, inPostgres],
]

describe.each(places)('with the queue in %s', (_name, isThere, openPlace) => {
  test.runIf(isThere)('a worker that listens where nobody rings is made to hear again', async () => {
    const place = await openPlace()
    const before = place.openQueue()
    const answered: Bell[] = []
    let canary = before.openCanary('jobs')
    const { listener, foundDeaf } = listenWell(
      before,
      { ring: () => canary.ring(), isWaiting: (id) => canary.isWaiting(id) },
      async (bell) => void answered.push(bell),
    )
    const first: Bell = { id: 'job_1', ringNo: 1 }
    await before.ring('jobs', [first])
    await vi.waitFor(() => expect(answered).toEqual([first]), patience)
    place.replace()
    // Whoever rings connects anew, and is at the new server.
    const after = place.openQueue()
    onTestFinished(async () => {
      await listener.close(1_000)
      await before.close()
      await after.close()
    })
    canary = after.openCanary('jobs')
    const second: Bell = { id: 'job_2', ringNo: 1 }
    await vi.waitFor(() => after.ring('jobs', [second]), patience)
    await vi.waitFor(() => expect(answered).toEqual([first, second]), patience)
    expect(foundDeaf).toEqual(['deaf'])
    await vi.waitFor(() => expect(listener.isHealthy()).toBe(true), patience)
  })

  test.runIf(isThere)('a worker that is slow, idle or one of several is left alone', async () => {
    const place = await openPlace()
    const queue = place.openQueue()
    const other = place.openQueue()
    let finish: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const rival = other.listen('jobs', { concurrency: 2 }, () => Promise.resolve())
    const { listener, foundDeaf } = listenWell(queue, queue.openCanary('jobs'), () => held)
    onTestFinished(async () => {
      await listener.close(1_000)
      await rival.close(1_000)
      await queue.close()
      await other.close()
    })
    // Both hands full, with a line behind them.
    await queue.ring(
      'jobs',
      Array.from({ length: 8 }, (_, no) => ({ id: `job_${no}`, ringNo: 1 })),
    )
    await vi.waitFor(async () => expect(await queue.depth('jobs')).toBeLessThanOrEqual(2), patience)
    const canary = queue.openCanary('jobs')
    for (let no = 0; no < 20; no += 1) {
      const id = await canary.ring()
      await vi.waitFor(async () => expect(await canary.isWaiting(id)).toBe(false), patience)
    }
    finish()
    expect(foundDeaf).toEqual([])
  })
})

test('canaries leave nothing behind', async () => {
  const place = await inPostgres()
  const queue = place.openQueue()
  const listener = queue.listen('jobs', { concurrency: 2 }, () => Promise.reject(new Error('no bell')))
  onTestFinished(async () => {
    await listener.close(1_000)
    await queue.close()
  })
  const id = await queue.openCanary('jobs').ring()
  await vi.waitFor(() => expect(listener.heard).toBe(1), patience)
  await vi.waitFor(async () => expect(await queue.depth('jobs')).toBe(0), patience)
  expect(await queue.openCanary('jobs').isWaiting(id)).toBe(false)
})
