import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { readLedger, testApiKey, testEnvironment, testToken } from '../support/app.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type CliplineProcess, findFreePort, startClipline } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'

let dataDir: string
let database: TestDatabase
let sandboxPort: number
let running: CliplineProcess[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'clipline-restart-'))
  database = await createTestDatabase()
  sandboxPort = await findFreePort()
  running = []
})

afterEach(async () => {
  for (const clipline of running) clipline.signal('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const start = async (args: readonly string[], environment: Readonly<Record<string, string>>) => {
  const clipline = await startClipline(args, environment)
  running.push(clipline)
  return clipline
}

/** Its delays are long enough to be killed in. */
const startSandbox = () =>
  start(
    [
      'sandbox',
      '--json',
      `--port=${sandboxPort}`,
      `--data-dir=${join(dataDir, 'sandbox')}`,
      '--time-factor=0.01',
      '--renderer=fixture',
    ],
    { CLIPLINE_SANDBOX_TOKEN: testToken },
  )

const serviceEnvironment = () => ({
  DATABASE_URL: database.url,
  DATA_DIR: dataDir,
  NEMO_API_URL: `http://127.0.0.1:${sandboxPort}`,
  NEMO_TOKEN: testToken,
  NEMO_RENDER_POLL_MS: '100',
  NEMO_RECOVERY_FIRST_MS: '500',
  NEMO_RECOVERY_EVERY_MS: '1000',
  LEASE_MS: '1000',
  SHUTDOWN_GENERATE_MS: '10000',
  EGRESS_ALLOW: '127.0.0.1/32',
  ...testEnvironment,
})

const startAll = async () => {
  const [up] = await Promise.all([start(['up', '--json'], serviceEnvironment()), startSandbox()])
  return up
}

const startRoles = async () => {
  const [api, worker] = await Promise.all([
    start(['api', '--json'], serviceEnvironment()),
    start(['worker', '--json'], serviceEnvironment()),
    startSandbox(),
  ])
  return { api, worker }
}

const connect = (up: CliplineProcess) =>
  createClient({ baseUrl: String(up.ready['url']), apiKey: testApiKey })

const untilStage = async (up: CliplineProcess, jobId: string, stage: string): Promise<void> => {
  for await (const event of connect(up).jobs.events(jobId))
    if (event.type === 'job.stage_started' && event.data['stage'] === stage) return
}

/** The provider has it: its ledger is written before it answers. */
const untilAccepted = (kind: string): Promise<void> =>
  expect
    .poll(() => readLedger(`http://127.0.0.1:${sandboxPort}`, kind), { interval: 20 })
    .toContainEqual(expect.objectContaining({ verdict: 'accepted' }))

describe('killing everything in the middle of a job', () => {
  it.each(['generate', 'render'])(
    'in stage %s, and starting again, finishes it with one generation',
    async (stage) => {
      const receiver = await startReceiver()
      const first = await startAll()
      const { id } = await connect(first).jobs.submit({
        prompt: 'a lighthouse in a storm',
        callback: { url: receiver.url },
      })
      await untilStage(first, id, stage)
      await untilAccepted(stage === 'generate' ? 'message' : 'render')
      for (const clipline of running) clipline.signal('SIGKILL')
      await Promise.all(running.map(({ ended }) => ended))

      const second = await startAll()
      const types: string[] = []
      for await (const event of connect(second).jobs.events(id)) types.push(event.type)
      expect((await connect(second).jobs.get(id)).failure).toBeNull()
      expect(types.at(-1)).toBe('job.succeeded')
      await receiver.received(1)

      const ledger = await readLedger(`http://127.0.0.1:${sandboxPort}`)
      const accepted = (kind: string) =>
        ledger.filter((row) => row.kind === kind && row['verdict'] === 'accepted')
      expect(accepted('message')).toHaveLength(1)
      expect(accepted('render')).toHaveLength(1)
      expect(ledger.filter((row) => row.kind === 'charge' && row['action'] === 'settle')).toHaveLength(1)
      expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
      await receiver.close()
    },
  )
})

describe('separate api and worker processes', () => {
  it('share the work, and a cancel reaches the worker that holds the job', async () => {
    const { api, worker } = await startRoles()
    const { jobs } = connect(api)
    const done = await jobs.submit({ prompt: 'a hot-air balloon' })
    const canceled = await jobs.submit({ prompt: 'a train in the fog' })
    await untilStage(api, canceled.id, 'generate')
    const response = await fetch(`${String(api.ready['url'])}/v1/jobs/${canceled.id}/cancel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testApiKey}` },
    })
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ outcome: 'canceling' })
    for await (const event of jobs.events(canceled.id)) void event
    for await (const event of jobs.events(done.id)) void event
    expect((await jobs.get(canceled.id)).state).toBe('canceled')
    expect((await jobs.get(done.id)).state).toBe('succeeded')

    worker.signal('SIGTERM')
    expect(await worker.ended).toBe(0)
    api.signal('SIGTERM')
    expect(await api.ended).toBe(0)
  })

  it('lets a stopping worker finish the generation it has paid for', async () => {
    const { api, worker: first } = await startRoles()
    const { id } = await connect(api).jobs.submit({ prompt: 'a meadow in the wind' })
    await untilStage(api, id, 'generate')
    first.signal('SIGTERM')
    expect(await first.ended).toBe(0)
    await start(['worker', '--json'], serviceEnvironment())
    const types: string[] = []
    for await (const event of connect(api).jobs.events(id)) types.push(event.type)
    expect(types.at(-1)).toBe('job.succeeded')
    const messages = await readLedger(`http://127.0.0.1:${sandboxPort}`, 'message')
    expect(messages).toHaveLength(1)
  })
})
