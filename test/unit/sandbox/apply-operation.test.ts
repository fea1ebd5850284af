import { expect, test } from 'vitest'
import { applyOperation } from '../../../src/sandbox/agent/apply-operation.ts'
import type { Operation } from '../../../src/sandbox/agent/operation.ts'
import { draftOf, emptyState, type SessionState } from '../../../src/sandbox/session-state.ts'

const placed: Operation = {
  op: 'place_clips',
  title: 'Urban Dreams',
  canvas: { width: 1920, height: 1080, ratio: '16:9' },
  segments: [
    { d: 10_000, m: { title: 'city timelapse', src: 'sandbox://cdn/gen/c1.mp4', in: 0, out: 10_000 } },
  ],
  infos: [{ filename: 'c1.mp4', file_type: 'video', cdn_url: 'sandbox://cdn/gen/c1.mp4', duration: 10 }],
  generated: [{ type: 'video', url: 'sandbox://cdn/gen/c1.mp4', duration: 10 }],
}
const music: Operation = { op: 'set_music', label: 'Lo-fi', src: 'sandbox://cdn/lib/lo-fi.wav' }
const title: Operation = { op: 'set_title', text: 'Urban Dreams' }

const after = (...operations: readonly Operation[]): SessionState =>
  [placed, music, title, ...operations].reduce(applyOperation, emptyState)
const draftAfter = (...operations: readonly Operation[]) => {
  const draft = draftOf(after(...operations))
  if (draft === null) throw new Error('there is no draft')
  return draft
}
const trackAfter = (id: string, ...operations: readonly Operation[]) =>
  draftAfter(...operations).t.find((track) => track.id === id)?.sg

test('a generation, its music and its title give the documented draft', () => {
  expect(after()).toEqual({
    draft: {
      d: 10_000,
      m: { title: 'Urban Dreams', width: 1920, height: 1080 },
      t: [
        {
          id: 'trk_v',
          tt: 0,
          sg: [
            {
              id: 'sg_v1',
              st: 0,
              d: 10_000,
              m: { title: 'city timelapse', src: 'sandbox://cdn/gen/c1.mp4', in: 0, out: 10_000 },
            },
          ],
        },
        {
          id: 'trk_a',
          tt: 1,
          sg: [
            {
              id: 'sg_a1',
              st: 0,
              d: 10_000,
              m: {
                title: 'Lo-fi',
                src: 'sandbox://cdn/lib/lo-fi.wav',
                volume: 0.35,
                fade_in: 500,
                fade_out: 500,
              },
            },
          ],
        },
        {
          id: 'trk_t',
          tt: 7,
          sg: [
            {
              id: 'sg_t1',
              st: 0,
              d: 3000,
              m: {
                text: 'Urban Dreams',
                role: 'title',
                color: '#FFFFFF',
                position: 'top-center',
                fade_in: 300,
              },
            },
          ],
        },
      ],
    },
    video_infos: [
      { filename: 'c1.mp4', file_type: 'video', cdn_url: 'sandbox://cdn/gen/c1.mp4', duration: 10 },
    ],
    canvas_config: { width: 1920, height: 1080, ratio: '16:9' },
    generated_media: [{ type: 'video', url: 'sandbox://cdn/gen/c1.mp4', duration: 10 }],
    video_analyses: { 'c1.mp4': { summary: 'Urban Dreams' } },
  })
})

test('an edit without a draft changes nothing', () => {
  expect(applyOperation(emptyState, music)).toBe(emptyState)
})

test('a second generation starts the timeline anew and keeps the earlier media', () => {
  const state = after(placed)
  expect(draftOf(state)?.t).toHaveLength(1)
  expect(state.video_infos).toHaveLength(2)
  expect(state.generated_media).toHaveLength(2)
})

test('a shorter picture takes music and titles along', () => {
  const draft = draftAfter({ op: 'set_length', lengthMs: 2000 })
  expect(draft.d).toBe(2000)
  expect(draft.t.map((track) => track.sg[0]?.d)).toEqual([2000, 2000, 2000])
})

test('a longer picture is followed by its music, not by its title', () => {
  const draft = draftAfter({ op: 'scale_length', factor: 1.3 })
  expect(draft.t.map((track) => track.sg[0]?.d)).toEqual([13_000, 13_000, 3000])
})

test('cutting the start moves into the source', () => {
  expect(trackAfter('trk_v', { op: 'cut_start', lengthMs: 2000 })).toMatchObject([
    { st: 0, d: 8000, m: { in: 2000, out: 10_000 } },
  ])
})

test('keeping a range of several segments cuts the outer ones and drops the rest', () => {
  const clips: Operation = {
    op: 'append_clips',
    segments: [
      { d: 3000, m: { title: 'b' } },
      { d: 3000, m: { title: 'c' } },
    ],
  }
  const kept = trackAfter('trk_v', clips, { op: 'keep_range', fromMs: 8000, toMs: 11_500 })
  expect(kept).toMatchObject([
    { id: 'sg_v1', st: 0, d: 2000, m: { title: 'city timelapse', in: 8000 } },
    { id: 'sg_v2', st: 2000, d: 1500, m: { title: 'b' } },
  ])
})

test('a range that leaves nothing changes nothing', () => {
  expect(after({ op: 'keep_range', fromMs: 20_000, toMs: 30_000 })).toEqual(after())
})

test('no edit makes a clip shorter than half a second', () => {
  const shorter: Operation = { op: 'scale_length', factor: 0.7 }
  expect(draftAfter(...Array.from({ length: 30 }, () => shorter)).d).toBe(500)
  expect(draftAfter({ op: 'cut_end', lengthMs: 60_000 }).d).toBe(500)
  expect(draftAfter({ op: 'cut_start', lengthMs: 60_000 }).d).toBe(500)
})

test('slower lasts longer and remembers its speed', () => {
  expect(trackAfter('trk_v', { op: 'change_speed', factor: 0.5 })).toMatchObject([
    { d: 20_000, m: { speed: 0.5 } },
  ])
})

test('volume stays between silence and full', () => {
  const louder: Operation = { op: 'scale_volume', factor: 2 }
  expect(trackAfter('trk_a', louder)).toMatchObject([{ m: { volume: 0.7 } }])
  expect(trackAfter('trk_a', louder, louder, louder, louder)).toMatchObject([{ m: { volume: 1 } }])
})

test('other music keeps the volume', () => {
  expect(trackAfter('trk_a', { op: 'set_volume', volume: 0.1 }, { ...music, label: 'Jazz' })).toMatchObject([
    { m: { title: 'Jazz', volume: 0.1 } },
  ])
})

test('a removed track is gone, and an edit of its title brings the title back', () => {
  expect(trackAfter('trk_a', { op: 'remove_music' })).toBeUndefined()
  expect(trackAfter('trk_t', { op: 'remove_title' })).toBeUndefined()
  expect(trackAfter('trk_t', { op: 'remove_title' }, { op: 'color_title', color: '#FF0000' })).toMatchObject([
    { m: { text: 'Urban Dreams', color: '#FF0000' } },
  ])
})

test('subtitles divide the clip among their lines', () => {
  expect(trackAfter('trk_s', { op: 'add_subtitles', lines: ['one', 'two'] })).toMatchObject([
    { st: 0, d: 5000, m: { text: 'one' } },
    { st: 5000, d: 5000, m: { text: 'two' } },
  ])
})

test('a tweak is recorded each time, even when the look stays', () => {
  const tweak: Operation = { op: 'tweak', request: 'more magic', grade: 'warm', scene: null }
  expect(draftAfter(tweak, tweak).m.tweaks).toEqual(['more magic', 'more magic'])
  expect(trackAfter('trk_v', tweak)).toMatchObject([{ m: { grade: 'warm' } }])
})
