import { describe, expect, test } from 'vitest'
import { observeAttempt } from '../../../src/actions/observe-attempt.ts'
import type { ProviderCall } from '../../../src/providers/provider.ts'

const call: ProviderCall = {
  operation: 'reading the session',
  method: 'GET',
  path: '/api/state',
  startedMs: 1_012.4,
  ms: 7.6,
  request: { contentType: null, sizeBytes: 0, body: null },
  response: { status: 200, contentType: 'application/json', sizeBytes: 2, body: '{}' },
  error: null,
}

const talkative = (times: number) => ({
  observeCalls: async <T>(onCall: (told: ProviderCall) => void, work: () => Promise<T>): Promise<T> => {
    for (let no = 0; no < times; no += 1) onCall(call)
    return work()
  },
})

describe('an observed attempt', () => {
  test('has its ending, and its calls by their time from its beginning', async () => {
    expect(await observeAttempt(talkative(1), 1_000, async () => null)).toEqual({
      outcome: null,
      calls: {
        omitted: 0,
        calls: [
          {
            operation: 'reading the session',
            method: 'GET',
            path: '/api/state',
            at_ms: 12,
            ms: 8,
            request: { content_type: null, size_bytes: 0, body: null },
            response: { status: 200, content_type: 'application/json', size_bytes: 2, body: '{}' },
            error: null,
          },
        ],
      },
    })
  })

  test('keeps twenty calls and counts the others', async () => {
    const { calls } = await observeAttempt(talkative(25), 0, async () => null)
    expect([calls.calls.length, calls.omitted]).toEqual([20, 5])
  })
})
