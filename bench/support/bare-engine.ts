import { Pool } from 'undici'
import { startChild } from './child.ts'
import type { DatabaseServer } from './databases.ts'
import type { Engine } from './engine.ts'
import type { CallsPerJob } from './ledger.ts'
import { callbackSecret, type Mock } from './mock.ts'
import { type FromBare, sharedNowMs, type ToBare } from './protocol.ts'
import { readCpuMs } from './usage.ts'

const concurrency = 64
const timeoutMs = 120_000

const callsPerJob: CallsPerJob = {
  session: 1,
  upload: 1,
  message: 1,
  state: 1,
  credits: 0,
  export: 1,
  poll: 1,
  download: 1,
  callback: 1,
}

const startBare = async (mock: Mock, isBehindHttp: boolean, databaseUrl: string | null = null) =>
  startChild<ToBare, FromBare>('bare.ts', {
    BENCH_UPSTREAM_URL: mock.url,
    BENCH_CALLBACK_SECRET: callbackSecret,
    BENCH_BARE_HTTP: isBehindHttp ? '1' : '0',
    ...(databaseUrl !== null && { BENCH_BARE_DATABASE: databaseUrl }),
  })

type Started = Awaited<ReturnType<typeof startBare>>

const created = (started: Started | null): Started => {
  if (started === null) throw new Error('the engine was not started')
  return started
}

/** The loop without durability: the upper bound. With databases: a row committed after each step, and no more. */
export const createBare = (mock: Mock, databases: DatabaseServer | null = null): Engine => {
  let started: Started | null = null
  const readStoreMs = async () => (databases === null ? 0 : readCpuMs(databases.pid))
  return {
    name: databases === null ? 'bare' : 'bare-commits',
    callsPerJob,
    async start() {
      const databaseUrl = databases === null ? null : await databases.createEmptyDatabase('bench_bare')
      started = await startBare(mock, false, databaseUrl)
    },
    async drain(jobs) {
      const { child } = created(started)
      await mock.reset()
      const cpuMs = await readCpuMs(child.pid)
      const storeMs = await readStoreMs()
      const { seconds } = await child.ask({ type: 'drain', jobs, concurrency }, 'drained', timeoutMs)
      return {
        jobs,
        seconds,
        orchestratorCpuMs: ((await readCpuMs(child.pid)) - cpuMs) / jobs,
        storeCpuMs: ((await readStoreMs()) - storeMs) / jobs,
        ledger: await mock.readLedger(),
        submitsPerSecond: null,
        statements: [],
        walBytesPerJob: null,
      }
    },
    async light(jobs) {
      return (await created(started).child.ask({ type: 'light', jobs }, 'lightened', timeoutMs)).latenciesMs
    },
    stop: async () => started?.child.stop(),
  }
}

/** The same behind an HTTP API: jobs are accepted one by one while others run. */
export const createBareBehindHttp = (mock: Mock): Engine => {
  let started: Started | null = null
  let client: Pool | null = null

  const submit = async (): Promise<void> => {
    const response = await client?.request({
      method: 'POST',
      path: '/v1/jobs',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a fox in the snow' }),
    })
    await response?.body.dump()
  }

  return {
    name: 'bare-http',
    callsPerJob,
    async start() {
      started = await startBare(mock, true)
      client = new Pool(started.ready.url ?? '', { connections: concurrency, pipelining: 1 })
    },
    async drain(jobs) {
      const { child } = created(started)
      await mock.reset()
      const cpuMs = await readCpuMs(child.pid)
      const startedMs = sharedNowMs()
      let left = jobs
      const runLane = async (): Promise<void> => {
        while (left > 0) {
          left -= 1
          await submit()
        }
      }
      await Promise.all(Array.from({ length: concurrency }, runLane))
      const submittedMs = sharedNowMs() - startedMs
      const lastAtMs = await mock.awaitCallbacks(jobs, timeoutMs)
      return {
        jobs,
        seconds: (lastAtMs - startedMs) / 1_000,
        orchestratorCpuMs: ((await readCpuMs(child.pid)) - cpuMs) / jobs,
        storeCpuMs: 0,
        ledger: await mock.readLedger(),
        submitsPerSecond: jobs / (submittedMs / 1_000),
        statements: [],
        walBytesPerJob: null,
      }
    },
    async light(jobs) {
      const latenciesMs: number[] = []
      await mock.reset()
      for (let no = 1; no <= jobs; no += 1) {
        const startedMs = sharedNowMs()
        await submit()
        latenciesMs.push((await mock.awaitCallbacks(no, timeoutMs)) - startedMs)
      }
      return latenciesMs
    },
    async stop() {
      await client?.close()
      await started?.child.stop()
    },
  }
}
