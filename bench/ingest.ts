/**
 * `node bench/ingest.ts [--lines 100000] [--reps 3]`
 *
 * Sends so many lines of NDJSON to a batch in one request, as a client that is as fast as it is let, with an `api`
 * process on a Postgres of its own. Prints lines a second, what a line costs, by how much the memory of the process grew
 * beyond what a small batch takes, and beside it the plain rows a second that the same Postgres takes from one client.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startDatabaseServer } from './support/databases.ts'
import { median } from './support/numbers.ts'
import { startService } from './support/service.ts'
import { readCpuMs, readLoad, readResidentBytes } from './support/usage.ts'

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    reps: { type: 'string', default: '3' },
    // For the api process, such as `--cpu-prof`.
    flags: { type: 'string', default: '' },
  },
})
const lineCount = Number(values.lines)
const apiKey = `clk_${'b'.repeat(43)}`
const mebibyte = 1024 * 1024
const sampleEveryMs = 20

function* ndjsonOf(lines: number): Generator<string> {
  for (let no = 0; no < lines; no += 100)
    yield Array.from(
      { length: Math.min(100, lines - no) },
      (_, offset) =>
        `{"custom_id":"order-${no + offset}","prompt":"a fox running through a snowy forest at dusk, number ${no + offset}","output":{"aspect_ratio":"9:16","duration_s":5},"metadata":{"order":"${no + offset}"},"tags":["autumn"]}\n`,
    ).join('')
}

const post = async (url: string, contentType: string, body: Iterable<string>): Promise<unknown> => {
  const sent = request(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': contentType },
  })
  const answered = new Promise<unknown>((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text))
      else reject(new Error(`answered ${response.statusCode}: ${text}`))
    })
  })
  await pipeline(Readable.from(body), sent)
  return answered
}

const ingest = async (url: string, lines: number): Promise<void> => {
  const { id } = (await post(`${url}/v1/batches`, 'application/json', [
    '{"defaults":{"language":"en"}}',
  ])) as {
    id: string
  }
  const answer = await post(`${url}/v1/batches/${id}/lines`, 'application/x-ndjson', ndjsonOf(lines))
  if ((answer as { accepted: number }).accepted !== lines)
    throw new Error(`answered ${JSON.stringify(answer)}`)
}

/** The most memory that a process has while something is done. */
const peakDuring = async (pid: number, work: () => Promise<void>): Promise<number> => {
  let peak = 0
  let isDone = false
  const sampling = (async () => {
    while (!isDone) {
      peak = Math.max(peak, await readResidentBytes(pid))
      await pause(sampleEveryMs)
    }
  })()
  await work().finally(() => {
    isDone = true
  })
  await sampling
  return peak
}

/** Rows a second into a table with an id, a text and a time, a hundred a commit, from sixteen clients. */
const measureRows = async (databaseUrl: string): Promise<number> => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 })
  await pool.query('CREATE TABLE bench_rows (id text PRIMARY KEY, body text, at timestamptz)')
  const perClient = 60
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: 16 }, async (_, client) => {
      for (let no = 0; no < perClient; no += 1)
        await pool.query(
          `INSERT INTO bench_rows SELECT $1 || n, repeat('x', 100), now() FROM generate_series(1, 100) n`,
          [`${client}-${no}-`],
        )
    }),
  )
  const perSecond = (16 * perClient * 100_000) / (performance.now() - startedMs)
  await pool.query('DROP TABLE bench_rows')
  await pool.end()
  return perSecond
}

const folder = await mkdtemp(join(tmpdir(), 'clipline-ingest-'))
const databases = await startDatabaseServer()
const databaseUrl = await databases.createDatabase('clipline_ingest', undefined)
const api = await startService({
  role: 'api',
  folder,
  env: {
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    NEMO_API_URL: 'http://127.0.0.1:9',
    NEMO_TOKEN: 'nmv_usr_bench',
    CLIPLINE_SECRET: Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('hex'),
    CLIPLINE_API_KEY: apiKey,
    HOST: '127.0.0.1',
    PORT: '0',
  },
  nodeFlags: values.flags === '' ? [] : values.flags.split(' '),
})
try {
  const url = String(api.announced['url'])
  // Warms the engine up, and shows what any batch takes.
  const smallPeak = await peakDuring(api.pid, () => ingest(url, 10_000))
  const speeds: number[] = []
  let bigPeak = 0
  for (let rep = 0; rep < Number(values.reps); rep += 1) {
    const before = { api: await readCpuMs(api.pid), store: await readCpuMs(databases.pid) }
    const startedMs = performance.now()
    bigPeak = Math.max(bigPeak, await peakDuring(api.pid, () => ingest(url, lineCount)))
    const passedMs = performance.now() - startedMs
    const perLine = (cpuMs: number) => `${((cpuMs / lineCount) * 1000).toFixed(0)} µs`
    speeds.push((lineCount * 1000) / passedMs)
    process.stdout.write(
      `${lineCount} lines in ${(passedMs / 1000).toFixed(1)} s: ${speeds.at(-1)?.toFixed(0)} lines/s; CPU a line: ${perLine((await readCpuMs(api.pid)) - before.api)} api, ${perLine((await readCpuMs(databases.pid)) - before.store)} Postgres; load ${await readLoad()}\n`,
    )
  }
  const rows = await measureRows(databaseUrl)
  process.stdout.write(
    `median ${median(speeds).toFixed(0)} lines/s, ${(median(speeds) / rows).toFixed(2)} of ${rows.toFixed(0)} plain rows/s; ` +
      `memory at most ${(bigPeak / mebibyte).toFixed(0)} MiB, with 10000 lines ${(smallPeak / mebibyte).toFixed(0)} MiB\n`,
  )
} finally {
  await api.stop()
  await databases.stop()
  await rm(folder, { recursive: true, force: true })
}
