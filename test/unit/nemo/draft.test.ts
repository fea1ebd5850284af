import { describe, expect, it } from 'vitest'
import { findFileName, isExportableDraft, readDraftTracks } from '../../../src/providers/nemo/draft.ts'
import { timelineLine, toTimelineTrack } from '../../../src/providers/nemo/timeline.ts'
import { draftOf, exampleState } from './draft-examples.ts'

const lineOf = (draft: unknown): string | null => timelineLine(readDraftTracks(draft))

/** Upstream-protocol.md §4.4. */
describe('a draft is exportable', () => {
  it.each<[unknown, boolean]>([
    [undefined, false],
    [null, false],
    [{}, false],
    [{ t: [] }, false],
    [{ t: [{ tt: 0, sg: [] }] }, false],
    [{ t: [{ tt: 7, sg: [{ d: 3000 }] }] }, true],
    [
      {
        t: [
          { tt: 0, sg: [] },
          { tt: 1, sg: [{ d: 1 }] },
        ],
      },
      true,
    ],
    [{ t: {} }, false],
    [{ t: [{ tt: 0, sg: {} }] }, false],
    [{ t: [null, 5, 'x'] }, false],
    ['{"t":[]}', false],
    [exampleState.draft, true],
  ])('%j: %s', (draft, isExportable) => {
    expect(isExportableDraft(draft)).toBe(isExportable)
  })
})

/** Upstream-protocol.md §4.3. */
describe('a segment', () => {
  const segmentOf = (segment: unknown, track: object = {}, draft: object = {}) =>
    readDraftTracks({ ...draft, t: [{ tt: 0, ...track, sg: [segment] }] })[0]?.segments[0]

  it.each<[string, object, number]>([
    ['st first', { st: 1, start: 2, m: { start: 3, start_time: 4 }, in: 5 }, 1],
    ['a start of zero', { st: 0, start: 2 }, 0],
    ['start', { start: 2, m: { start: 3 } }, 2],
    ['m.start', { m: { start: 3, start_time: 4 } }, 3],
    ['m.start_time', { m: { start_time: 4 }, in: 5 }, 4],
    ['in', { in: 5 }, 5],
    ['a numeric string', { st: '6' }, 6],
    ['nothing', {}, 0],
  ])('starts at %s', (_name, segment, startMs) => {
    expect(segmentOf(segment)?.startMs).toBe(startMs)
  })

  it('starts where the earlier ones of its track end, when it does not say', () => {
    const [track] = readDraftTracks(draftOf(0, { d: 5000 }, { d: 2500 }, { d: 100 }))
    expect(track?.segments.map(({ startMs }) => startMs)).toEqual([0, 5000, 7500])
  })

  it.each<[string, object, number]>([
    ['d', { d: 1, end: 9, m: { duration: 3 } }, 1],
    ['the difference of end and start', { st: 2, end: 9, m: { duration: 3 } }, 7],
    ['the difference of out and in', { in: 2, out: 9 }, 7],
    ['m.duration', { m: { duration: 3 } }, 3],
  ])('is as long as %s', (_name, segment, durationMs) => {
    expect(segmentOf(segment)?.durationMs).toBe(durationMs)
  })

  it('is as long as its track or the draft at last', () => {
    expect(segmentOf({}, { d: 40 }, { d: 50 })?.durationMs).toBe(40)
    expect(segmentOf({}, {}, { d: 50 })?.durationMs).toBe(50)
    expect(segmentOf({})?.durationMs).toBe(0)
    expect(segmentOf({ d: -5 })?.durationMs).toBe(0)
  })

  it.each<[string, number, object, object, string | null]>([
    ['m.text of a title', 7, { m: { text: 'a', content: 'b', title: 'c' } }, {}, 'a'],
    ['m.content of a title', 7, { m: { content: 'b', title: 'c' } }, {}, 'b'],
    ['m.title of a title', 7, { m: { title: 'c' } }, {}, 'c'],
    ['m.title', 0, { m: { title: 'c', name: 'd', text: 'a' } }, {}, 'c'],
    ['m.name', 0, { m: { name: 'd' } }, { m: { title: 'e' } }, 'd'],
    ['the title of the track', 0, { m: { src: 'https://x.test/f.mp4' } }, { m: { title: 'e' } }, 'e'],
    ['the name of the file', 0, { m: { src: 'https://x.test/a/f%20g.mp4?sig=1' } }, {}, 'f g.mp4'],
    ['nothing', 0, {}, {}, null],
  ])('is called by %s', (_name, tt, segment, track, label) => {
    expect(segmentOf(segment, { tt, ...track })?.label).toBe(label)
  })

  it.each<[object, string]>([
    [{ m: { src: 'a', url: 'b', cdn_url: 'c' }, src: 'd', url: 'e' }, 'a'],
    [{ m: { url: 'b', cdn_url: 'c' }, src: 'd', url: 'e' }, 'b'],
    [{ m: { cdn_url: 'c' }, src: 'd', url: 'e' }, 'c'],
    [{ src: 'd', url: 'e' }, 'd'],
    [{ url: 'e' }, 'e'],
  ])('%j has the URL %s', (segment, url) => {
    expect(segmentOf(segment)?.url).toBe(url)
  })

  it.each<[number, object, object, number | null]>([
    [1, { m: { volume: 0.35 }, volume: 80 }, {}, 35],
    [1, { volume: 0.6 }, {}, 60],
    [1, {}, { m: { volume: 80 } }, 80],
    [1, { m: { volume: 1 } }, {}, 100],
    [1, { m: { volume: 0 } }, {}, 0],
    [1, { m: { volume: 'loud' } }, {}, null],
    [1, { m: { volume: -1 } }, {}, null],
    [0, { m: { volume: 0.35 } }, {}, null],
  ])('of type %i with %j and track %j has volume %s', (tt, segment, track, percent) => {
    expect(readDraftTracks({ t: [{ tt, ...track, sg: [segment] }] })[0]?.volumePercent).toBe(percent)
  })

  it.each([
    ['https://x.test/a/b.mp4', 'b.mp4'],
    ['/mnt/userdata/clip.mp4', 'clip.mp4'],
    ['https://x.test', null],
    ['https://x.test/%E0%A4%A', '%E0%A4%A'],
    [null, null],
  ])('%s is the file %s', (url, name) => {
    expect(findFileName(url)).toBe(name)
  })
})

/** Upstream-protocol.md §4.5. */
describe('the timeline line', () => {
  const golden =
    'Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)'

  it.each<[string, unknown, string | null]>([
    ['the golden line', exampleState.draft, golden],
    [
      'video and music',
      {
        t: [
          { tt: 0, sg: [{ d: 4000, m: { title: 'dance sequence' } }] },
          { tt: 1, sg: [{ d: 4000, m: { title: 'music beat', volume: 0.6 } }] },
        ],
      },
      'Timeline (2 tracks): 1. Video: dance sequence (0-4s) 2. BGM: music beat (0-4s, 60%)',
    ],
    [
      'two segments',
      draftOf(0, { d: 5000, m: { title: 'a' } }, { d: 2500, m: { title: 'b' } }),
      'Timeline (1 track): 1. Video: a, b (0-7.5s)',
    ],
    [
      'text only',
      draftOf(7, { st: 1500, d: 3000, m: { text: 'Hi' } }),
      'Timeline (1 track): 1. Title: "Hi" (1.5-4.5s)',
    ],
    [
      'an unknown type',
      draftOf(3, { d: 5000, m: { title: 'glow' } }),
      'Timeline (1 track): 1. Track(3): glow (0-5s)',
    ],
    [
      'an unknown type without a label',
      draftOf(3, { d: 5000 }),
      'Timeline (1 track): 1. Track(3): Track(3) (0-5s)',
    ],
    ['no type', draftOf(undefined, { d: 5000 }), 'Timeline (1 track): 1. Track: Track (0-5s)'],
    ['no label', draftOf(0, { d: 33 }), 'Timeline (1 track): 1. Video: Video (0-0.033s)'],
    ['an empty draft', {}, null],
    ['only empty tracks', { t: [{ tt: 0, sg: [] }] }, null],
    [
      'an empty track beside another',
      {
        t: [
          { tt: 0, sg: [] },
          { tt: 1, sg: [{ d: 1000, m: { title: 'x' } }] },
        ],
      },
      'Timeline (1 track): 1. BGM: x (0-1s)',
    ],
    [
      'one title over several segments',
      { t: [{ tt: 1, m: { title: 'Lo-fi' }, sg: [{ d: 1000 }, { d: 1000 }] }] },
      'Timeline (1 track): 1. BGM: Lo-fi (0-2s)',
    ],
    [
      'several titles',
      draftOf(7, { d: 1000, m: { text: 'One\n two' } }, { d: 1000, m: { text: 'Three' } }),
      'Timeline (1 track): 1. Title: "One two", "Three" (0-2s)',
    ],
  ])('of %s', (_name, draft, line) => {
    expect(lineOf(draft)).toBe(line)
  })

  it('stays short whatever the draft holds', () => {
    const segment = { d: 1000, m: { title: 'x'.repeat(5_000) } }
    const line = lineOf({ t: Array.from({ length: 5_000 }, () => ({ tt: 0, sg: [segment] })) })
    expect(line?.startsWith('Timeline (5000 tracks): 1. Video: x')).toBe(true)
    expect(line?.endsWith(' …')).toBe(true)
    expect(line?.length).toBeLessThan(10_000)
  })

  it('names the kinds of tracks for others', () => {
    const kinds = [0, 1, 7, 3, null].map((type) =>
      toTimelineTrack({ type, segments: [], volumePercent: null }),
    )
    expect(kinds.map(({ kind }) => kind)).toEqual(['video', 'audio', 'text', 'other', 'other'])
  })
})
