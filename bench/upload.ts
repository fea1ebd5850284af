/**
 * `node bench/upload.ts [--mebibytes 500] [--reps 3]`
 *
 * Sends one large file in three ways, A B C A B C: to a bare server that hashes and writes it, to Clipline in one request,
 * and to Clipline by tus. Prints the speed, its share of the bare one's, and by how much the memory of the receiving
 * process grew over it.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startChild } from './support/child.ts'
import { startDatabaseServer } from './support/databases.ts'
import { median } from './support/numbers.ts'
import { startService } from './support/service.ts'

const { values } = parseArgs({
  options: { mebibytes: { type: 'string', default: '500' }, reps: { type: 'string', default: '3' } },
})
const mebibyte = 1024 * 1024
const sizeBytes = Number(values.mebibytes) * mebibyte
const apiKey = `clk_${'b'.repeat(43)}`
const sampleEveryMs = 20

/** A picture of one pixel; whatever follows it is of no interest to anybody. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
  'base64',
)
const filling = randomBytes(64 * 1024)

function* fileOf(bytes: number): Generator<Buffer> {
  yield picture
  for (let left = bytes - picture.length; left > 0; left -= filling.length)
    yield left < filling.length ? filling.subarray(0, left) : filling
}

interface Sent {
  readonly statusCode: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

const send = async (
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  bytes: number,
): Promise<Sent> => {
  const sent = request(url, { method, headers: { 'content-length': String(bytes), ...headers } })
  const answered = new Promise<Sent>((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', async (response) => {
      const body = Buffer.concat(await response.toArray()).toString()
      resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body })
    })
  })
  await pipeline(Readable.from(bytes === 0 ? [] : fileOf(bytes)), sent)
  return answered
}

const expectStatus = (sent: Sent, statusCode: number): Sent => {
  if (sent.statusCode === statusCode) return sent
  throw new Error(`answered ${sent.statusCode}: ${sent.body}`)
}

interface Way {
  readonly name: string
  readonly pid: number
  /** Sends a file of that size and forgets it again. */
  readonly upload: (bytes: number) => Promise<() => Promise<unknown>>
}

const readRssBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

const measure = async ({ pid, upload }: Way) => {
  const before = await readRssBytes(pid)
  let peak = before
  let isDone = false
  const sampling = (async () => {
    while (!isDone) {
      peak = Math.max(peak, await readRssBytes(pid))
      await pause(sampleEveryMs)
    }
  })()
  const startedMs = performance.now()
  const forget = await upload(sizeBytes)
  const seconds = (performance.now() - startedMs) / 1_000
  isDone = true
  await sampling
  await forget()
  return { addedMebibytes: (peak - before) / mebibyte, megabytesPerS: sizeBytes / 1e6 / seconds }
}

const clipline = (url: string, pid: number): Way[] => {
  const authorization = `Bearer ${apiKey}`
  const tus = { authorization, 'tus-resumable': '1.0.0' }
  const forget = (id: unknown) => () => send(`${url}/v1/uploads/${id}`, 'DELETE', { authorization }, 0)
  return [
    {
      name: 'clipline, one request',
      pid,
      upload: async (bytes) => {
        const headers = { authorization, 'content-type': 'image/png' }
        const { body } = expectStatus(await send(`${url}/v1/uploads`, 'POST', headers, bytes), 201)
        return forget(JSON.parse(body).id)
      },
    },
    {
      name: 'clipline, tus',
      pid,
      upload: async (bytes) => {
        const created = await send(
          `${url}/v1/uploads/resumable`,
          'POST',
          { ...tus, 'upload-length': String(bytes) },
          0,
        )
        const { pathname } = new URL(String(expectStatus(created, 201).headers['location']))
        const headers = {
          ...tus,
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
        }
        const { headers: told } = expectStatus(await send(url + pathname, 'PATCH', headers, bytes), 204)
        return forget(told['clipline-upload-id'])
      },
    },
  ]
}

const stops: (() => Promise<unknown>)[] = []

const openWays = async (): Promise<Way[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'clipline-upload-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  const databases = await startDatabaseServer()
  stops.push(() => databases.stop())
  const service = await startService({
    role: 'api',
    folder,
    nodeFlags: [],
    env: {
      DATABASE_URL: await databases.createDatabase('bench_upload', undefined),
      DATA_DIR: join(folder, 'data'),
      CLIPLINE_SECRET: 'b7'.repeat(4) + randomBytes(28).toString('hex'),
      CLIPLINE_API_KEY: apiKey,
      NEMO_API_URL: 'http://127.0.0.1:1',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
  })
  stops.push(() => service.stop())
  const { child, ready } = await startChild<object, { type: 'ready'; port: number }>('bare-upload.ts', {
    BENCH_FOLDER: folder,
  })
  stops.push(() => child.stop())
  const bare: Way = {
    name: 'bare',
    pid: child.pid,
    upload: async (bytes) => {
      expectStatus(await send(`http://127.0.0.1:${ready.port}/`, 'POST', {}, bytes), 201)
      return async () => undefined
    },
  }
  return [bare, ...clipline(String(service.announced['url']), service.pid)]
}

const run = async (): Promise<void> => {
  const ways = await openWays()
  for (const { upload } of ways) await (await upload(32 * mebibyte))()
  const figures = new Map(ways.map(({ name }) => [name, [] as Awaited<ReturnType<typeof measure>>[]]))
  for (let rep = 0; rep < Number(values.reps); rep += 1)
    for (const way of ways) figures.get(way.name)?.push(await measure(way))
  const bare = median(figures.get('bare')?.map(({ megabytesPerS }) => megabytesPerS) ?? [])
  process.stdout.write(`${values.mebibytes} MiB, median of ${values.reps}\n`)
  for (const [name, measured] of figures) {
    const speed = median(measured.map(({ megabytesPerS }) => megabytesPerS))
    const most = Math.max(...measured.map(({ addedMebibytes }) => addedMebibytes))
    process.stdout.write(
      `${name.padEnd(24)} ${speed.toFixed(0).padStart(5)} MB/s  ${(speed / bare).toFixed(2)} of bare  +${most.toFixed(0)} MiB at most\n`,
    )
  }
}

try {
  await run()
} finally {
  for (const stop of stops.reverse()) await stop()
}
