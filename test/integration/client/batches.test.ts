import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CliplineClient, CliplineError, createClient, WaitTimedOut } from '../../../src/client/index.ts'
import { startTestBed, type TestBed, testApiKey } from '../../support/app.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

let bed: TestBed
let proxy: FaultProxy
let folder: string
let client: CliplineClient

beforeAll(async () => {
  bed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'clipline-batches-'))
})
afterAll(async () => {
  await bed?.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  proxy = await openFaultProxy(bed.url)
  client = createClient({ baseUrl: proxy.url, apiKey: testApiKey })
  return () => proxy.close()
})

const collect = async <T>(entries: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

const everyMs = 20
const run_at = new Date(Date.now() + 86_400_000).toISOString()

describe('a batch', () => {
  it('is made of lines, followed to its end, and read', async () => {
    const sent: (number | null)[] = []
    const { batch, lines } = await client.batches.submit(
      [
        { prompt: 'a fox', custom_id: 'fox' },
        { prompt: 'a boat', custom_id: 'boat' },
        { prompt: '', custom_id: 'nothing' },
      ],
      { name: 'three', defaults: { tags: ['b'] }, onProgress: ({ sentLines }) => sent.push(sentLines) },
    )
    expect(lines).toMatchObject({ accepted: 2, rejected: 1, total: 3, errors: [{ line: 3 }] })
    expect(sent.at(-1)).toBe(3)
    const progress: number[] = []
    const ended = await client.batches.wait(batch.id, {
      everyMs,
      onProgress: (now) => progress.push(now.progress),
    })
    expect(ended).toMatchObject({ state: 'completed_with_errors', jobs: { succeeded: 2 } })
    expect(progress.at(-1)).toBe(1)
    const results = await collect(client.batches.results(batch.id))
    expect(results.map(({ custom_id, job }) => [custom_id, job.state, job.tags])).toEqual([
      ['fox', 'succeeded', ['b']],
      ['boat', 'succeeded', ['b']],
    ])
    const [error] = await collect(client.batches.errors(batch.id))
    expect(error).toMatchObject({ custom_id: 'nothing', problem: { code: 'invalid_request' } })
    expect(await text(await client.batches.report(batch.id, 'results', 'csv'))).toMatch(/^line,custom_id,/)
    expect((await collect(client.batches.list())).map(({ id }) => id)).toContain(batch.id)
  })

  it('takes each line once although answers are lost and lines break off', async () => {
    const some = Array.from({ length: 700 }, (_, no) => ({ prompt: `clip ${no}`, run_at }))
    proxy.plan('/v1/batches', { kind: 'lose_answer' })
    proxy.plan('/lines', { kind: 'lose_answer' }, { kind: 'answer', status: 503 })
    proxy.plan('/close', { kind: 'lose_answer' })
    const { batch } = await client.batches.submit(() => some)
    expect(batch).toMatchObject({ state: 'running', lines: { accepted: 700, rejected: 0, total: 700 } })
    const mine = (await collect(client.batches.list())).filter(({ lines }) => lines.total === 700)
    expect(mine.map(({ id }) => id)).toEqual([batch.id])
    await client.batches.cancel(batch.id)
    expect(await client.batches.wait(batch.id, { everyMs })).toMatchObject({
      state: 'canceled',
      jobs: { canceled: 700 },
    })
  })

  it('gives lines that cannot be made again one try, and stays open for them', async () => {
    proxy.plan('/lines', { kind: 'answer', status: 503 })
    const once = async function* () {
      yield { prompt: 'a fox', run_at }
    }
    let madeId = ''
    const onCreated = ({ id }: { id: string }) => {
      madeId = id
    }
    await expect(client.batches.submit(once(), { onCreated })).rejects.toThrow(CliplineError)
    expect(await client.batches.get(madeId)).toMatchObject({ state: 'open', lines: { total: 0 } })
    expect(await client.batches.send(madeId, [{ prompt: 'a fox', run_at }])).toMatchObject({ accepted: 1 })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(client.batches.wait(madeId, { signal })).rejects.toThrow('enough')
    await expect(client.batches.wait(madeId, { timeoutMs: 30, everyMs })).rejects.toThrow(WaitTimedOut)
    await client.batches.cancel(madeId)
  })

  it('is made of a file as it is', async () => {
    const path = join(folder, 'clips.csv')
    await writeFile(path, 'custom_id,prompt,output.aspect_ratio\na,a fox,9:16\nb,a boat,16:9\n')
    const { batch } = await client.batches.submitFile({ path }, { format: 'csv', all_or_nothing: true })
    await client.batches.wait(batch.id, { everyMs })
    const results = await collect(client.batches.results(batch.id))
    expect(results.map(({ job }) => job.output.aspect_ratio)).toEqual(['9:16', '16:9'])
  })

  it('says when a list of results broke off', async () => {
    const [batch] = await collect(client.batches.list({ state: ['completed'] }))
    proxy.plan('/results', { kind: 'cut', afterBytes: 100 })
    await expect(collect(client.batches.results(batch?.id ?? ''))).rejects.toThrow('broke off after 0 lines')
  })

  it('is redriven where jobs of it failed', async () => {
    await bed.setFault({ set: { 'render.fail': true }, times: 2 })
    const { batch } = await client.batches.submit([{ prompt: 'a fox' }])
    expect(await client.batches.wait(batch.id, { everyMs })).toMatchObject({ state: 'failed' })
    await client.batches.redrive(batch.id, { failure_codes: ['render_failed'] })
    expect(await client.batches.wait(batch.id, { everyMs })).toMatchObject({ state: 'completed' })
  })
})
