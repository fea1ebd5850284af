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

  describe('a list that breaks off', () => {
    const cuts = (...sizes: readonly number[]) =>
      sizes.map((afterBytes) => ({ kind: 'cut', afterBytes }) as const)
    const table = async (id: string, part: 'results' | 'errors') =>
      text(await client.batches.report(id, part, 'csv'))

    it('of results goes on behind the last job', async () => {
      const { id } = await client.batches.create()
      const note = 'and, "so on"'
      const lines = Array.from({ length: 60 }, (_, no) => ({
        custom_id: `${no} ${note}`,
        prompt: 'x',
        run_at,
      }))
      await client.batches.send(id, lines)
      const whole = await collect(client.batches.results(id))
      expect(whole.map(({ custom_id }) => custom_id)).toEqual(lines.map(({ custom_id }) => custom_id))
      proxy.plan('/results', ...cuts(100, 9_000, 30_000), { kind: 'answer', status: 502 }, ...cuts(5_000))
      expect(await collect(client.batches.results(id))).toEqual(whole)
      const asked = proxy.seen.filter(({ path }) => path.includes('/results?')).map(({ path }) => path)
      expect(asked.at(-1)).toContain(`after=job_`)
      const wholeTable = await table(id, 'results')
      proxy.plan('/results', ...cuts(20, 700))
      expect(await table(id, 'results')).toBe(wholeTable)
      await client.batches.cancel(id)
    })

    it('of errors goes on behind the last bad line, of which several streams may have one each', async () => {
      const { id } = await client.batches.create()
      const bad = Array.from({ length: 6 }, () => ({ prompt: '' }))
      for (const stream of ['a', 'b', 'c'])
        await client.batches.send(
          id,
          bad.map((line, no) => ({ ...line, custom_id: `${stream}${no}` })),
        )
      const whole = await collect(client.batches.errors(id))
      expect(whole).toHaveLength(18)
      for (const afterBytes of [700, 3_000]) {
        proxy.plan('/errors', ...cuts(afterBytes, 900))
        expect(await collect(client.batches.errors(id))).toEqual(whole)
      }
      const wholeTable = await table(id, 'errors')
      proxy.plan('/errors', ...cuts(60, 200))
      expect(await table(id, 'errors')).toBe(wholeTable)
      await client.batches.cancel(id)
    })

    it('of cells with several lines goes on behind the last whole row', async () => {
      const header = 'line,custom_id,job_id\r\n'
      const rows = ['1,"a, ""b""\n\nc",job_1\r\n', '2,,job_2\r\n']
      const answer = { kind: 'answer', status: 200 } as const
      proxy.plan(
        '/results',
        { ...answer, body: `${header}${rows[0]}2,"d\r\n` },
        { ...answer, body: `${header}${rows[1]}` },
      )
      expect(await table('bat_x', 'results')).toBe(`${header}${rows.join('')}`)
      expect(proxy.seen.map(({ path }) => path)).toEqual([
        '/v1/batches/bat_x/results?format=csv',
        '/v1/batches/bat_x/results?format=csv&after=job_1',
      ])
    })

    it('is given up when the caller does, or nothing moves for too long', async () => {
      const [batch] = await collect(client.batches.list({ state: ['completed'] }))
      const id = batch?.id ?? ''
      proxy.plan('/results', ...cuts(100))
      await expect(collect(client.batches.results(id, { patienceMs: 0 }))).rejects.toThrow('broke off')
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(collect(client.batches.results(id, { signal }))).rejects.toThrow('enough')
      await expect(client.batches.report('bat_x', 'errors', 'csv')).rejects.toThrow(CliplineError)
    })
  })

  it('is redriven where jobs of it failed', async () => {
    await bed.setFault({ set: { 'render.fail': true }, times: 2 })
    const { batch } = await client.batches.submit([{ prompt: 'a fox' }])
    expect(await client.batches.wait(batch.id, { everyMs })).toMatchObject({ state: 'failed' })
    await client.batches.redrive(batch.id, { failure_codes: ['render_failed'] })
    expect(await client.batches.wait(batch.id, { everyMs })).toMatchObject({ state: 'completed' })
  })
})
