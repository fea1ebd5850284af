import { type IncomingMessage, request as openRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BatchKit, openBatchKit } from './batch-kit.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

let kit: ApiKit
let batches: BatchKit
beforeAll(async () => {
  kit = await openApiKit()
  batches = openBatchKit(kit)
})
afterAll(() => kit.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  kit.send({ method: 'GET', url: path, headers })
const linesOf = (body: string) =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
const many = (count: number) =>
  Array.from({ length: count }, (_, no) => ({ custom_id: `l${no}`, prompt: `number ${no}` }))

/** One that succeeded, one that failed, one that is queued, and two lines that are bad. */
const mixed = async () => {
  const id = await batches.create()
  const lines = [
    { custom_id: 'good', prompt: 'x' },
    { custom_id: 'bad', prompt: '' },
    { custom_id: 'fails', prompt: 'x' },
    { custom_id: 'later, "quoted"', prompt: 'x' },
    { prompt: 'x', skill: 'none' },
  ]
  await batches.send(id, lines, '?close=true')
  await batches.keep()
  const [first = '', second = ''] = await batches.jobIds(id)
  await batches.finish(first, 'succeed')
  await batches.finish(second, 'fail', 'render_failed')
  return { id, first, second }
}

describe('GET /v1/batches/{id}/results', () => {
  test('streams every job in the order of its line, as it stands now', async () => {
    const { id, first } = await mixed()
    const response = await get(`/v1/batches/${id}/results`)
    expect(response.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    const results = linesOf(response.body)
    expect(results.map(({ line, custom_id, job }) => [line, custom_id, job.state])).toEqual([
      [1, 'good', 'succeeded'],
      [3, 'fails', 'failed'],
      [4, 'later, "quoted"', 'queued'],
    ])
    expect(results[0].job).toEqual((await get(`/v1/jobs/${first}`)).json())
  })

  test('shows only jobs in the states that are asked for', async () => {
    const { id } = await mixed()
    const results = linesOf((await get(`/v1/batches/${id}/results?state=failed,succeeded`)).body)
    expect(results.map(({ job }) => job.state)).toEqual(['succeeded', 'failed'])
    expect((await get(`/v1/batches/${id}/results?state=nope`)).statusCode).toBe(400)
  })

  test('is a table where that is preferred', async () => {
    const { id, second } = await mixed()
    const accepted = await get(`/v1/batches/${id}/results`, { accept: 'text/csv' })
    const asked = await get(`/v1/batches/${id}/results?format=csv`, { accept: 'application/json' })
    expect(accepted.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(asked.body).toBe(accepted.body)
    const rows = accepted.body.split('\r\n')
    expect(rows[0]).toMatch(/^line,custom_id,job_id,state,failure\.code,/)
    expect(rows[2]).toContain(`3,fails,${second},failed,render_failed,`)
    expect(rows[3]).toMatch(/^4,"later, ""quoted""",/)
    expect((await get(`/v1/batches/${id}/results`, { accept: 'image/png' })).statusCode).toBe(406)
  })

  test('holds no formula that a spreadsheet would work out', async () => {
    const id = await batches.create()
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', "'quoted", '=HYPERLINK("x")']
    const lines = names.flatMap((name) => [
      { custom_id: name, prompt: 'x' },
      { custom_id: `${name} bad`, prompt: '' },
    ])
    await batches.send(id, lines)
    const cellsOf = async (what: string) =>
      (await get(`/v1/batches/${id}/${what}?format=csv`)).body
        .split('\r\n')
        .slice(1, -1)
        .map((row) => row.split(',')[1])
    const guarded = ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'quoted", `"'=HYPERLINK(""x"")"`]
    expect(await cellsOf('results')).toEqual(guarded)
    expect((await cellsOf('errors'))[0]).toBe("'=1+1 bad")
    const asJson = linesOf((await get(`/v1/batches/${id}/results`)).body)
    expect(asJson.map(({ custom_id }) => custom_id)).toEqual(names)
  })

  test('opens, as the errors do, with a token of the batch instead of a key', async () => {
    const { id } = await mixed()
    const other = await batches.create()
    const made = await kit.send({ method: 'POST', url: '/v1/stream-tokens', payload: { batch_id: id } })
    const open = (path: string) => kit.app.inject({ url: `${path}?token=${made.json().token}` })
    expect((await open(`/v1/batches/${id}/results`)).statusCode).toBe(200)
    expect((await open(`/v1/batches/${id}/errors`)).statusCode).toBe(200)
    expect((await open(`/v1/batches/${other}/results`)).statusCode).toBe(401)
  })

  test('goes on behind a job, in either form and among the states that are asked for', async () => {
    const { id, first, second } = await mixed()
    const results = async (query: string) =>
      linesOf((await get(`/v1/batches/${id}/results?${query}`)).body).map(({ line }) => line)
    expect(await results(`after=${first}`)).toEqual([3, 4])
    expect(await results(`after=${first}&state=queued`)).toEqual([4])
    const table = (await get(`/v1/batches/${id}/results?format=csv&after=${second}`)).body.split('\r\n')
    expect(table.map((row) => row.split(',')[0])).toEqual(['line', '4', ''])
    for (const after of ['3', 'job_x', id])
      expect((await get(`/v1/batches/${id}/results?after=${after}`)).json().errors).toMatchObject([
        { pointer: '/query/after' },
      ])
  })

  test('reads page by page, before the batch is closed as after', async () => {
    const id = await batches.create()
    await batches.send(id, many(350))
    const results = linesOf((await get(`/v1/batches/${id}/results`)).body)
    expect(results.map(({ line }) => line)).toEqual(many(350).map((_, no) => no + 1))
  })

  test('reads no further than the client has taken', async () => {
    await kit.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = kit.app.server.address() as AddressInfo
    const id = await batches.create()
    await batches.send(
      id,
      many(5_000).map((line) => ({ ...line, prompt: 'long '.repeat(400) })),
    )
    let pages = 0
    const whole = kit.deps.batchResults
    Object.assign(kit.deps, {
      batchResults: {
        ...whole,
        async *results(...asked: Parameters<typeof whole.results>) {
          for await (const page of whole.results(...asked)) {
            pages += 1
            yield page
          }
        },
      },
    })
    try {
      const request = openRequest({
        host: '127.0.0.1',
        port,
        path: `/v1/batches/${id}/results`,
        headers: { authorization: `Bearer ${kit.apiKey}` },
      }).end()
      const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve))
      await expect
        .poll(async () => [pages, await settledAfter(() => pages)])
        .toSatisfy(([before, after]) => before === after)
      expect(pages).toBeLessThan(100)
      let sizeBytes = 0
      for await (const chunk of response) sizeBytes += chunk.length
      expect(pages).toBe(100)
      expect(sizeBytes).toBeGreaterThan(10_000_000)
    } finally {
      Object.assign(kit.deps, { batchResults: whole })
    }
  })
})

/** The value once the loop has turned often enough for anything that is under way to show. */
const settledAfter = async (read: () => number): Promise<number> => {
  for (let turn = 0; turn < 3; turn += 1) await kit.store.pool.query('SELECT pg_sleep(0.02)')
  return read()
}

describe('GET /v1/batches/{id}/errors', () => {
  test('streams the bad lines, then the jobs that failed', async () => {
    const { id, second } = await mixed()
    const errors = linesOf((await get(`/v1/batches/${id}/errors`)).body)
    expect(errors).toMatchObject([
      {
        line: 2,
        custom_id: 'bad',
        job_id: null,
        problem: { code: 'invalid_request', errors: [{ pointer: '/prompt' }] },
        failure: null,
      },
      {
        line: 5,
        custom_id: null,
        job_id: null,
        problem: {
          code: 'unknown_skill',
          type: `${publicUrl}/docs/problems/unknown_skill`,
          retryable: false,
        },
      },
      { line: 3, custom_id: 'fails', job_id: second, problem: null, failure: { code: 'render_failed' } },
    ])
  })

  test('goes on behind a line that became no job, or behind a job that failed', async () => {
    const { id, second } = await mixed()
    const errors = async (after: string) =>
      linesOf((await get(`/v1/batches/${id}/errors?after=${after}`)).body).map(({ line }) => line)
    expect(await errors('0')).toEqual([2, 5, 3])
    expect(await errors('2')).toEqual([5, 3])
    expect(await errors('5')).toEqual([3])
    expect(await errors(second)).toEqual([])
    expect((await get(`/v1/batches/${id}/errors?after=-1`)).json().errors).toMatchObject([
      { pointer: '/query/after' },
    ])
  })

  test('is a table where that is preferred, and empty where nothing went wrong', async () => {
    const { id, second } = await mixed()
    const rows = (await get(`/v1/batches/${id}/errors?format=csv`)).body.split('\r\n')
    expect(rows).toEqual([
      'line,custom_id,job_id,code,detail',
      '2,bad,,invalid_request,/prompt must not be empty',
      '5,,,unknown_skill,/skill is not a skill; GET /v1/skills lists them',
      `3,fails,${second},render_failed,no`,
      '',
    ])
    const fine = await batches.create()
    expect((await get(`/v1/batches/${fine}/errors`)).body).toBe('')
  })

  test('has every bad line, of which the answer to the stream names the first hundred', async () => {
    const id = await batches.create()
    const response = await batches.send(
      id,
      many(250).map((line) => ({ ...line, prompt: 7 })),
    )
    expect(response.json()).toMatchObject({ rejected: 250 })
    expect(response.json().errors).toHaveLength(100)
    expect(linesOf((await get(`/v1/batches/${id}/errors`)).body)).toHaveLength(250)
  })
})
