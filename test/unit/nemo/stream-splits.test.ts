import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame } from '../../../src/providers/nemo/decode-event.ts'
import { createSseReader } from '../../../src/providers/nemo/sse-reader.ts'
import { createTurnReader } from '../../../src/providers/nemo/turn.ts'
import type { MessageEvent } from '../../../src/providers/provider.ts'
import { streamCorpus } from './stream-corpus.ts'

/** Cuts the stream at the given places and plays it. */
const play = (bytes: Uint8Array, cuts: readonly number[]) => {
  const reader = createSseReader()
  const turn = createTurnReader()
  const events: MessageEvent[] = []
  const borders = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
  for (const [index, start] of borders.entries()) {
    for (const frame of reader.feed(bytes.subarray(start, borders[index + 1] ?? start))) {
      events.push(...turn.take(decodeFrame(frame)))
    }
  }
  for (const frame of reader.end()) events.push(...turn.take(decodeFrame(frame)))
  const finished = turn.finish()
  return { events: [...events, ...finished.events], turn: finished.turn }
}

describe(`a corpus of ${streamCorpus.length} streams`, { timeout: 60_000 }, () => {
  it('holds at least 200', () => {
    expect(streamCorpus.length).toBeGreaterThanOrEqual(200)
  })

  it('is understood whole', () => {
    for (const { name, bytes, texts, tools, kind } of streamCorpus) {
      const { events, turn } = play(bytes, [])
      const said = events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
      expect({ said, tools: turn.toolNames, kind: turn.kind }, name).toEqual({ said: texts, tools, kind })
    }
  })

  it('is understood alike wherever it is cut in two', () => {
    for (const { name, bytes } of streamCorpus) {
      const whole = JSON.stringify(play(bytes, []))
      for (let cut = 1; cut < bytes.length; cut += 1) {
        if (JSON.stringify(play(bytes, [cut])) !== whole) expect.fail(`${name}: cut at ${cut}`)
      }
    }
  })

  it('is understood alike byte by byte', () => {
    for (const { name, bytes } of streamCorpus) {
      const everywhere = Array.from(bytes, (_byte, index) => index)
      expect(play(bytes, everywhere), name).toEqual(play(bytes, []))
    }
  })

  it('is understood alike in any pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...streamCorpus),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
        ({ bytes }, shares) => {
          const cuts = shares.map((share) => Math.floor(share * bytes.length))
          expect(play(bytes, cuts)).toEqual(play(bytes, []))
        },
      ),
      { numRuns: 1_000, seed: 20_260_401 },
    )
  })
})
