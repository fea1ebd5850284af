import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestBed, type TestBed } from '../support/app.ts'

interface Redriven {
  readonly code?: string
  readonly from_stage?: string
}

describe('a failed job that is redriven', () => {
  let bed: TestBed
  beforeAll(async () => {
    bed = await startTestBed()
  })
  afterAll(() => bed?.stop())

  /** The end of the job, and the number of its last event. */
  const finish = async (id: string, after = 0) => {
    let last = after
    for await (const event of bed.client.jobs.events(id, { after })) last = event.seq
    return { job: await bed.client.jobs.get(id), last }
  }
  const redrive = async (id: string, body: object = {}): Promise<Redriven> => {
    const response = await bed.fetch(`/v1/jobs/${id}/redrive`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return (await response.json()) as Redriven
  }
  const acceptedMessagesOf = async (id: string) => {
    const sessions = (await bed.ledger('session')).filter(({ task_name }) => task_name === id)
    const ids = new Set(sessions.map(({ session_id }) => session_id))
    const messages = (await bed.ledger('message')).filter(({ session_id }) => ids.has(session_id))
    return messages.filter(({ verdict }) => verdict === 'accepted')
  }

  it('renders again what was made, for nothing', async () => {
    await bed.setFault({ set: { 'render.fail': true }, times: 2 })
    const { id } = await bed.client.jobs.submit({ prompt: 'a fox in the snow' })
    const failed = await finish(id)
    expect(failed.job.failure?.code).toBe('render_failed')
    expect(await redrive(id)).toMatchObject({ from_stage: 'export', estimated_credits: 0 })
    const { job } = await finish(id, failed.last)
    expect(job).toMatchObject({ state: 'succeeded', progress: 1, attempt: 2, credits: { spent: 100 } })
    expect(await acceptedMessagesOf(id)).toHaveLength(1)
  })

  it('looks for a message of unknown outcome, and sends it again only with consent', async () => {
    await bed.setFault({ set: { 'http.reset': 'before' }, endpoint: 'run_sse', times: 1 })
    const { id } = await bed.client.jobs.submit({ prompt: 'waves on a beach' })
    const failed = await finish(id)
    const books = { spent: 100, at_risk: 100 }
    expect(failed.job).toMatchObject({ failure: { code: 'generation_outcome_unknown' }, credits: books })

    expect(await redrive(id)).toMatchObject({ from_stage: 'confirm', estimated_credits: 0 })
    const again = await finish(id, failed.last)
    expect(again.job).toMatchObject({ failure: { code: 'generation_outcome_unknown' }, credits: books })
    expect(await acceptedMessagesOf(id)).toHaveLength(0)

    expect(await redrive(id, { accept_cost: true })).toMatchObject({ from_stage: 'confirm' })
    const { job } = await finish(id, again.last)
    expect(job).toMatchObject({ state: 'succeeded', attempt: 3, credits: { spent: 200, at_risk: 100 } })
    expect(await acceptedMessagesOf(id)).toHaveLength(1)
  })

  it('finds a message that came through late, and pays it once', async () => {
    await bed.setFault({ set: { 'http.reset': 'after' }, endpoint: 'run_sse', times: 1 })
    await bed.setFault({ set: { 'turn.lateMs': 4_000 }, times: 1 })
    const { id } = await bed.client.jobs.submit({ prompt: 'a paper boat in the rain' })
    const failed = await finish(id)
    expect(failed.job).toMatchObject({ state: 'failed', credits: { spent: 100 } })
    await expect.poll(() => acceptedMessagesOf(id), { timeout: 20_000 }).toHaveLength(1)
    let last = failed.last
    let { job } = failed
    while (job.state === 'failed') {
      expect(await redrive(id)).toMatchObject({ from_stage: 'confirm' })
      ;({ job, last } = await finish(id, last))
    }
    expect(job).toMatchObject({ state: 'succeeded', credits: { spent: 100, at_risk: 0 } })
    expect(await acceptedMessagesOf(id)).toHaveLength(1)
  })

  it('asks before it generates again in a session of its own', async () => {
    await bed.setFault({ set: { 'generation.asksQuestion': true }, times: 1 })
    const { id } = await bed.client.jobs.submit({ prompt: 'a quiet harbor at dawn' })
    const failed = await finish(id)
    expect(failed.job.failure?.code).toBe('awaiting_input')
    expect((await redrive(id, { from_stage: 'session' })).code).toBe('cost_not_accepted')
    expect(await redrive(id, { from_stage: 'session', accept_cost: true })).toMatchObject({
      from_stage: 'session',
    })
    const { job } = await finish(id, failed.last)
    expect(job.state).toBe('succeeded')
    const sessions = (await bed.ledger('session')).filter(({ task_name }) => task_name === id)
    expect(sessions).toHaveLength(2)
  })
})
