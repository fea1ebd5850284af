import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBed, type TestBed } from '../../support/app.ts'
import { startReceiver } from '../../support/receiver.ts'

let bed: TestBed
beforeAll(async () => {
  bed = await startTestBed()
})
afterAll(() => bed.stop())

const readBatch = async (id: string) => (await bed.fetch(`/v1/batches/${id}`)).json()

test('the whole service works through a batch, keeps to its budget, and tells of its end once', async () => {
  const receiver = await startReceiver()
  try {
    const made = await bed.fetch('/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        callback: { url: receiver.url },
        max_credits: 250,
        defaults: { prompt: 'a fox' },
      }),
    })
    const { id } = (await made.json()) as { id: string }
    const answer = await bed.fetch(`/v1/batches/${id}/lines?close=true`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'custom_id\na\nb\nc\n',
    })
    expect(await answer.json()).toMatchObject({ accepted: 3 })
    await receiver.received(1)
    const batch = await readBatch(id)
    expect(JSON.parse(receiver.calls[0]?.body.toString() ?? '')).toMatchObject({
      type: 'batch.completed',
      data: { sequence: 1, batch: { id, state: 'completed_with_errors' } },
    })
    expect(batch).toMatchObject({
      state: 'completed_with_errors',
      jobs: { succeeded: 2, failed: 1 },
      credits: { spent: 200 },
    })
    const errors = await (await bed.fetch(`/v1/batches/${id}/errors`)).text()
    expect(JSON.parse(errors)).toMatchObject({ failure: { code: 'budget_exceeded' } })
    expect(await bed.ledger('message')).toHaveLength(2)
    expect(receiver.calls).toHaveLength(1)
  } finally {
    await receiver.close()
  }
})
