import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openRedisWake } from '../../src/queue/wake.ts'
import { openStore } from '../../src/store/client.ts'
import { openPostgresWake } from '../../src/store/wake.ts'
import type { Wake } from '../../src/wake.ts'
import { createTestDatabase } from '../support/database.ts'
import { openGate } from '../support/gate.ts'
import { startTestRedis } from '../support/redis.ts'

interface Place {
  /** As many processes would: each call is one. */
  connect(): Wake
  goDown(): Promise<void>
  comeBack(): Promise<void>
  remove(): Promise<void>
}

const openPostgres = async (): Promise<Place> => {
  const database = await createTestDatabase()
  const gate = await openGate(Number(new URL(database.url).port))
  const url = new URL(database.url)
  url.port = String(gate.port)
  const store = openStore({ databaseUrl: url.href })
  return {
    connect: () => openPostgresWake({ databaseUrl: url.href, pool: store.pool }),
    goDown: gate.shut,
    comeBack: gate.open,
    async remove() {
      await gate.shut()
      await store.close()
      await database.drop()
    },
  }
}

const openRedis = async (): Promise<Place> => {
  let server = (await startTestRedis())!
  const { port, url } = server
  return {
    connect: () => openRedisWake({ redisUrl: url }),
    goDown: () => server.stop(),
    async comeBack() {
      server = (await startTestRedis({ port }))!
    },
    remove: () => server.stop(),
  }
}

const hasRedis = await startTestRedis().then(async (server) => {
  await server?.stop()
  return server !== null
})

const places = [
  { kind: 'Postgres', open: openPostgres, isHere: true },
  { kind: hasRedis ? 'Redis' : 'Redis (left out: no redis-server here)', open: openRedis, isHere: hasRedis },
]

describe.each(places)('waking over $kind', ({ open, isHere }) => {
  const setup = async () => {
    const place = await open()
    const wakes: Wake[] = []
    onTestFinished(async () => {
      for (const wake of wakes) await wake.close()
      await place.remove()
    })
    /** A process that listens already: it was called once, when its connection stood. */
    const listen = async (topic: 'dispatch' | 'cancel') => {
      const wake = place.connect()
      wakes.push(wake)
      const onWake = vi.fn()
      const stop = wake.listen(topic, onWake)
      await vi.waitFor(() => expect(onWake).toHaveBeenCalledOnce(), { timeout: 10_000 })
      onWake.mockClear()
      return { wake, onWake, stop }
    }
    return { place, listen }
  }

  test.runIf(isHere)(
    'a notification reaches every process, its own included, and no other topic',
    async () => {
      const { listen } = await setup()
      const here = await listen('dispatch')
      const there = await listen('dispatch')
      const other = await listen('cancel')
      here.wake.notify('dispatch')
      await vi.waitFor(() => {
        expect(here.onWake).toHaveBeenCalledOnce()
        expect(there.onWake).toHaveBeenCalledOnce()
      })
      here.wake.notify('cancel')
      await vi.waitFor(() => expect(other.onWake).toHaveBeenCalledOnce())
      expect(there.onWake).toHaveBeenCalledOnce()
    },
  )

  test.runIf(isHere)('who stopped listening is left alone', async () => {
    const { listen } = await setup()
    const gone = await listen('cancel')
    const still = await listen('cancel')
    gone.stop()
    gone.wake.notify('cancel')
    await vi.waitFor(() => expect(still.onWake).toHaveBeenCalledOnce())
    expect(gone.onWake).not.toHaveBeenCalled()
  })

  test.runIf(isHere)('notifying while it is down harms nobody, and its return wakes everybody', async () => {
    const { place, listen } = await setup()
    const { wake, onWake } = await listen('dispatch')
    await place.goDown()
    wake.notify('dispatch')
    await place.comeBack()
    await vi.waitFor(() => expect(onWake).toHaveBeenCalled(), { timeout: 10_000 })
    onWake.mockClear()
    await vi.waitFor(() => {
      wake.notify('dispatch')
      expect(onWake).toHaveBeenCalled()
    })
  })
})
