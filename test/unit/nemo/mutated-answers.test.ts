import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame } from '../../../src/providers/nemo/decode-event.ts'
import { openEnvelope } from '../../../src/providers/nemo/envelope.ts'
import { type Operation, operations, toProviderError } from '../../../src/providers/nemo/errors.ts'
import { readMediaList } from '../../../src/providers/nemo/media-list.ts'
import { translatePhrases } from '../../../src/providers/nemo/phrases.ts'
import { findRenderStatus } from '../../../src/providers/nemo/render-status.ts'
import { toSessionState } from '../../../src/providers/nemo/session-state.ts'
import { createSseReader } from '../../../src/providers/nemo/sse-reader.ts'
import { toCues, toSrt, toVtt } from '../../../src/providers/nemo/subtitles.ts'
import { createTurnReader } from '../../../src/providers/nemo/turn.ts'
import { exampleState } from './draft-examples.ts'
import { streamCorpus } from './stream-corpus.ts'

const answers: readonly unknown[] = [
  { code: 0, data: { session_id: '5529798706099999999', task_id: 'task_7Q2', state: exampleState } },
  {
    code: 0,
    data: {
      token: 'nmv_usr_EXAMPLE0001',
      user_id: 'anon_5f',
      credits: 100,
      expires_at: '2026-04-01T00:00:00Z',
    },
  },
  { code: 0, data: { files: exampleState.video_infos, session_state_applied: true } },
  {
    success: true,
    data: { id: 'render_1', status: 'completed', progress: 100, outputUrl: 'https://x.test/r.mp4' },
  },
  {
    taskId: 'render_1',
    status: 'completed',
    progress: 100,
    output: { url: 'https://x.test/r.mp4', duration: 30.5 },
  },
  { code: 2001, message: 'credits exhausted', data: { user_id: 'anon_5f' } },
  { success: false, error: 'duplicate id' },
  { detail: [{ loc: ['body'], msg: 'field required', type: 'missing' }] },
]

const oddities: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x'.repeat(2_000),
  '\u0000\ud800',
  [],
  {},
  [[]],
  { length: -1 },
  [null],
  'constructor',
  '__proto__',
  'https://',
  '//',
  'data:',
  JSON.parse('{"__proto__":{"a":1},"toString":1,"hasOwnProperty":null}'),
]

/** Replaces some values at any depth by something else. */
const warped = (value: unknown, dice: () => number): unknown => {
  if (dice() < 0.12) return oddities[Math.floor(dice() * oddities.length)]
  if (Array.isArray(value)) return value.flatMap((entry) => (dice() < 0.1 ? [] : [warped(entry, dice)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, warped(entry, dice)]))
}

const readEverything = (httpStatus: number, text: string): void => {
  const opened = openEnvelope({ httpStatus, text })
  const { payload } = opened
  if (!opened.isOk) {
    for (const operation of Object.keys(operations) as Operation[]) {
      const error = toProviderError({ operation, httpStatus, opened, retryAfterMs: null, secret: 'secret' })
      expect(error.message.length).toBeLessThan(1_000)
    }
  }
  findRenderStatus(payload, new URL('https://api.example.test'))
  readMediaList(payload)
  const state = toSessionState(payload)
  expect(state.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  const cues = toCues(state.tracks)
  expect(`${toSrt(cues)}${toVtt(cues)}`).toContain('WEBVTT')
}

const statuses = fc.constantFrom(200, 200, 200, 201, 302, 400, 402, 404, 409, 429, 500, 503)
const seeded = { seed: 20_260_401 }

describe('an answer of the provider', { timeout: 60_000 }, () => {
  it('never crashes a reader, whatever its values are', () => {
    const dice = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }))
    fc.assert(
      fc.property(fc.constantFrom(...answers), statuses, dice, (answer, status, rolls) => {
        readEverything(status, JSON.stringify(warped(answer, () => rolls.next().value)) ?? 'null')
      }),
      { numRuns: 1_500, ...seeded },
    )
  })

  it('never crashes a reader, wherever its text is cut or garbled', () => {
    const texts = answers.map((answer) => JSON.stringify(answer))
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      size: fc.nat(6),
      put: fc.string({ maxLength: 6 }),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        statuses,
        fc.array(edit, { maxLength: 4 }),
        (text, status, edits) => {
          const garbled = edits.reduce((before, { at, size, put }) => {
            const start = Math.floor(at * before.length)
            return before.slice(0, start) + put + before.slice(start + size)
          }, text)
          readEverything(status, garbled)
        },
      ),
      { numRuns: 1_500, ...seeded },
    )
  })

  it('never crashes a reader with any JSON at all', () => {
    fc.assert(
      fc.property(statuses, fc.json({ maxDepth: 6 }), (status, json) => readEverything(status, json)),
      { numRuns: 500, ...seeded },
    )
  })
})

describe('a stream of the provider', { timeout: 60_000 }, () => {
  it('never crashes a reader, whatever its bytes are', () => {
    const flip = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      byte: fc.nat(255),
    })
    fc.assert(
      fc.property(fc.constantFrom(...streamCorpus), fc.array(flip, { maxLength: 20 }), ({ bytes }, flips) => {
        const garbled = Uint8Array.from(bytes)
        for (const { at, byte } of flips) garbled[Math.floor(at * garbled.length)] = byte
        const reader = createSseReader()
        const turn = createTurnReader()
        for (const frame of [...reader.feed(garbled), ...reader.end()]) {
          for (const event of turn.take(decodeFrame(frame))) {
            if (event.type === 'text') translatePhrases(event.text, 'en')
          }
        }
        expect(['answered', 'silent', 'empty', 'error']).toContain(turn.finish().turn.kind)
      }),
      { numRuns: 1_500, ...seeded },
    )
  })

  it('never crashes a decoder with any JSON at all', () => {
    const frames = fc.record({
      event: fc.constantFrom(null, 'error', 'message'),
      data: fc.json({ maxDepth: 6 }),
    })
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 8 }), (received) => {
        const turn = createTurnReader()
        for (const frame of received) turn.take(decodeFrame(frame))
        turn.finish()
      }),
      { numRuns: 500, ...seeded },
    )
  })
})
