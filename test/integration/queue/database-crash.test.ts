import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Bell, openQueue } from '../../../src/queue/backend.ts'
import { migrateQueue } from '../../../src/queue/migrate.ts'
import { startEmbeddedPostgres } from '../../../src/store/embedded.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { findPostmaster } from '../../../src/store/postmaster.ts'

test('a listener outlives the crash of its database, and bells that the crash swallowed can be rung again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-crash-'))
  const settings = { fsync: 'off' }
  const first = await startEmbeddedPostgres({ dataDir, settings })
  await migrate(first.url, { alsoMigrate: migrateQueue })
  const queue = openQueue({ databaseUrl: first.url })
  const answered: Bell[] = []
  const listener = queue.listen('jobs', { concurrency: 4 }, async (bell) => void answered.push(bell))
  const before: Bell = { id: 'job_1', ringNo: 1 }
  await queue.ring('jobs', [before])
  await vi.waitFor(() => expect(answered).toEqual([before]))
  await queue.ring('deliveries', [{ id: 'dlv_1', ringNo: 1 }])

  const postmaster = await findPostmaster(join(dataDir, 'postgres', 'cluster'))
  process.kill(postmaster!.pid, 'SIGKILL')
  const second = await startEmbeddedPostgres({ dataDir, settings })
  onTestFinished(async () => {
    await listener.close(1_000)
    await queue.close()
    await first.stop()
    await second.stop()
    await rm(dataDir, { recursive: true })
  })

  expect(second.url).toBe(first.url)
  const after: Bell = { id: 'job_1', ringNo: 2 }
  await vi.waitFor(() => queue.ring('jobs', [after]), { timeout: 20_000, interval: 200 })
  await vi.waitFor(() => expect(answered).toEqual([before, after]), { timeout: 20_000 })
  expect(await queue.depth('deliveries')).toBe(0)
  await queue.ring('deliveries', [{ id: 'dlv_1', ringNo: 1 }])
  expect(await queue.depth('deliveries')).toBe(1)
})
