import { describe, expect, it } from 'vitest'
import { decodeFrame } from '../../../src/providers/nemo/decode-event.ts'
import { createTurnReader } from '../../../src/providers/nemo/turn.ts'
import type { MessageEvent, Turn } from '../../../src/providers/provider.ts'

const noise = 'I encountered a temporary issue. Please try again.'

const event = (id: string, ...parts: unknown[]) => ({ content: { parts, role: 'model' }, id })
const say = (id: string, text: string) => event(id, { text })
const call = (id: string, name: string, callId = name) => event(id, { functionCall: { id: callId, name } })
const result = (id: string, name: string, callId = name) =>
  event(id, { functionResponse: { id: callId, name } })
const chunk = (id: string, text: string) => ({ ...say(id, text), partial: true })
const heartbeat = { type: 'heartbeat' }

const play = (frames: readonly unknown[]): { turn: Turn; texts: string[]; events: MessageEvent[] } => {
  const reader = createTurnReader()
  const told = frames.flatMap((frame) =>
    reader.take(decodeFrame({ event: null, data: JSON.stringify(frame) })),
  )
  const finished = reader.finish()
  const events = [...told, ...finished.events]
  const texts = events.flatMap((told) => (told.type === 'text' ? [told.text] : []))
  return { turn: finished.turn, texts, events }
}

const edit = [call('1', 'edit_multitrack'), result('2', 'edit_multitrack')]

describe('a turn', () => {
  it.each<[string, unknown[], Turn['kind'], string, string[]]>([
    ['a text', [say('1', 'Done.')], 'answered', 'Done.', ['Done.']],
    [
      'texts around tools',
      [say('0', 'Go.'), ...edit, say('3', 'Done.')],
      'answered',
      'Done.',
      ['Go.', 'Done.'],
    ],
    ['E3: a silent edit', edit, 'silent', '', []],
    ['E4: trailing noise', [...edit, say('3', 'Done.'), say('4', noise)], 'answered', 'Done.', ['Done.']],
    ['noise after a silent edit', [...edit, say('3', noise)], 'silent', '', []],
    ['noise in the middle', [say('1', noise), say('2', 'Done.')], 'answered', 'Done.', [noise, 'Done.']],
    [
      'noise twice at the end',
      [say('1', 'Done.'), say('2', noise), say('3', noise)],
      'answered',
      'Done.',
      ['Done.'],
    ],
    ['nothing but noise', [heartbeat, say('1', noise)], 'error', '', []],
    ['nothing', [], 'empty', '', []],
    ['heartbeats', [heartbeat, heartbeat], 'empty', '', []],
    ['a thought', [event('1', { text: 'hm', thought: true })], 'empty', '', []],
    ['an error', [say('1', 'Go.'), { error: 'boom' }], 'error', 'Go.', ['Go.']],
    [
      'E7: chunks and their whole',
      [chunk('1', 'Hel'), chunk('2', 'lo'), say('3', 'Hello')],
      'answered',
      'Hello',
      ['Hello'],
    ],
    [
      'chunks of one id',
      [chunk('1', 'Hel'), chunk('1', 'lo'), say('1', 'Hello')],
      'answered',
      'Hello',
      ['Hello'],
    ],
    ['chunks without a whole', [chunk('1', 'Hel'), chunk('2', 'lo')], 'answered', 'Hello', ['Hello']],
    ['chunks before a tool', [chunk('1', 'Go'), ...edit], 'answered', 'Go', ['Go']],
    [
      'frames that come twice',
      [say('1', 'Ha'), say('1', 'Ha'), say('2', 'Ha')],
      'answered',
      'Ha',
      ['Ha', 'Ha'],
    ],
    [
      'one text in parts',
      [event('1', { text: 'a' }, { text: 't', thought: true }, { text: 'b' })],
      'answered',
      'ab',
      ['a', 'b'],
    ],
    [
      'parts around a call',
      [event('1', { text: 'a' }, { functionCall: { name: 'x' } }, { text: 'b' })],
      'answered',
      'b',
      ['a', 'b'],
    ],
    ['a flat text twice', [{ text: 'ha' }, { text: 'ha' }], 'answered', 'ha', ['ha', 'ha']],
  ])('reads %s', (_name, frames, kind, text, texts) => {
    const played = play(frames)
    expect(played.turn).toMatchObject({ kind, text })
    expect(played.texts).toEqual(texts)
  })

  it('says what the error was, and that of a turn of noise', () => {
    expect(play([{ error: 'boom' }, { error: 'later' }]).turn.error).toBe('boom')
    expect(play([say('1', noise)]).turn.error).toBe(noise)
  })

  it('names each tool once and tells of each call', () => {
    const { turn, events } = play([heartbeat, ...edit, ...edit, call('3', 'suno')])
    expect(turn.toolNames).toEqual(['edit_multitrack', 'suno'])
    expect(events).toEqual([
      { type: 'heartbeat' },
      { type: 'tool_call', name: 'edit_multitrack' },
      { type: 'tool_result', name: 'edit_multitrack' },
      { type: 'tool_call', name: 'suno' },
    ])
  })

  it.each<[string, unknown[], boolean]>([
    ['at first', [], false],
    ['after a text', [say('1', 'a')], true],
    ['after a text while a tool works', [call('1', 'x'), say('2', 'a')], false],
    [
      'after a text when the tool has answered',
      [call('1', 'x'), say('2', 'a'), result('3', 'x'), say('4', 'b')],
      true,
    ],
    ['after a tool', edit, false],
    ['after a chunk', [chunk('1', 'a')], false],
    ['after a text and heartbeats', [say('1', 'a'), heartbeat], true],
    ['after an error', [call('1', 'x'), { error: 'boom' }], true],
  ])('knows whether the agent rests: %s', (_name, frames, isResting) => {
    const reader = createTurnReader()
    for (const frame of frames) reader.take(decodeFrame({ event: null, data: JSON.stringify(frame) }))
    expect(reader.isResting()).toBe(isResting)
  })

  it('ends when the provider says that it is done', () => {
    const reader = createTurnReader()
    reader.take([{ type: 'text', text: 'a', isPartial: false, key: null }])
    expect(reader.hasEnded()).toBe(false)
    reader.take([{ type: 'end' }])
    expect(reader.hasEnded()).toBe(true)
  })

  it('keeps what it remembers bounded', () => {
    const long = 'x'.repeat(100_000)
    const { turn } = play(Array.from({ length: 50 }, (_unused, index) => chunk(`${index}`, long)))
    expect(turn.text.length).toBe(32 * 1024)
    expect(play([say('1', long)]).texts.map(({ length }) => length)).toEqual([32 * 1024])
  })
})
