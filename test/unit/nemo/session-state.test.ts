import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../src/providers/nemo/fingerprint.ts'
import { parseJson, toRecord } from '../../../src/providers/nemo/json.ts'
import { mergeMedia, readMediaList } from '../../../src/providers/nemo/media-list.ts'
import { toSessionState } from '../../../src/providers/nemo/session-state.ts'
import { exampleState } from './draft-examples.ts'

describe('toSessionState', () => {
  it('reads the documented answer', () => {
    const state = toSessionState({
      session_id: '5529798706099999999',
      task_id: 'task_7Q2',
      state: exampleState,
    })
    expect(state.draft).toBe(exampleState.draft)
    expect(state.isExportable).toBe(true)
    expect(state.timelineLine).toContain('Timeline (3 tracks)')
    expect(state.tracks.map(({ kind, volumePercent }) => [kind, volumePercent])).toEqual([
      ['video', null],
      ['audio', 35],
      ['text', null],
    ])
    expect(state.media).toEqual([
      {
        filename: 'clip1.mp4',
        kind: 'video',
        url: 'https://cdn.example.test/gen/clip1.mp4',
        hash: '0af3',
        durationMs: 10_000,
        width: 1920,
        height: 1080,
      },
    ])
    expect(state.userId).toBeNull()
  })

  it('reads the state without its layer, and the user id from either', () => {
    expect(toSessionState({ ...exampleState, user_id: 'anon_1' })).toMatchObject({
      isExportable: true,
      userId: 'anon_1',
    })
    expect(toSessionState({ state: { ...exampleState, user_id: 'anon_2' } }).userId).toBe('anon_2')
  })

  it('reads an empty session', () => {
    expect(toSessionState({ state: { draft: {}, video_infos: [], generated_media: [] } })).toMatchObject({
      isExportable: false,
      tracks: [],
      timelineLine: null,
      media: [],
    })
    expect(toSessionState({ state: { draft: null } }).draft).toBeNull()
  })

  it('hands the draft on digit for digit, keys that nobody knows included', () => {
    const text = '{"state":{"draft":{"t":[{"sg":[{"d":1}]}],"id":5529798706099999999,"x":{"y":[null]}}}}'
    const reading = parseJson(text)
    const { draft } = toSessionState(reading.isJson ? reading.value : null)
    expect(`{"state":{"draft":${JSON.stringify(draft)}}}`).toBe(text)
  })
})

describe('the fingerprint', () => {
  const changed = (change: (state: typeof exampleState) => unknown): boolean => {
    const copy = structuredClone(exampleState)
    return fingerprintOf(toRecord(change(copy) ?? copy)) !== fingerprintOf(exampleState)
  }

  it.each<[string, (state: typeof exampleState) => unknown]>([
    ['the order of keys', ({ draft, ...rest }) => ({ ...rest, draft })],
    [
      'a signature of a URL',
      (state) => {
        state.generated_media[0]!.url += '?sig=abc&exp=1#t'
      },
    ],
    [
      'a time of writing',
      (state) => ({ ...state, draft: { ...state.draft, updated_at: 5, lastModified: 'x' } }),
    ],
    [
      'a time of writing within media',
      (state) => ({ ...state, video_infos: [{ ...state.video_infos[0], createdAt: 5 }] }),
    ],
    [
      'the canvas',
      (state) => {
        state.canvas_config.width = 1
      },
    ],
    ['an analysis', (state) => ({ ...state, video_analyses: { a: 1 } })],
  ])('is not changed by %s', (_name, change) => {
    expect(changed(change)).toBe(false)
  })

  it.each<[string, (state: typeof exampleState) => unknown]>([
    [
      'a length',
      (state) => {
        state.draft.t[0]!.sg[0]!.d = 9999
      },
    ],
    [
      'a title',
      (state) => {
        state.draft.m.title = 'x'
      },
    ],
    [
      'a new track',
      (state) => {
        state.draft.t.push(state.draft.t[0]!)
      },
    ],
    [
      'the order of tracks',
      (state) => {
        state.draft.t.reverse()
      },
    ],
    [
      'another URL',
      (state) => {
        state.generated_media[0]!.url = 'https://cdn.example.test/gen/clip2.mp4'
      },
    ],
    [
      'a file more',
      (state) => {
        state.video_infos.push(state.video_infos[0]!)
      },
    ],
    ['an unknown key', (state) => ({ ...state, draft: { ...state.draft, zz: 1 } })],
  ])('is changed by %s', (_name, change) => {
    expect(changed(change)).toBe(true)
  })

  it('takes absent, null and empty for the same', () => {
    const nothings = [
      {},
      { draft: null },
      { draft: {}, video_infos: [] },
      { draft: [], generated_media: {} },
      { draft: '', video_infos: null },
    ]
    expect(new Set(nothings.map(fingerprintOf)).size).toBe(1)
  })

  it('tells numbers apart that a double cannot', () => {
    const fingerprints = ['5529798706099999998', '5529798706099999999'].map((id) => {
      const reading = parseJson(`{"draft":{"id":${id}}}`)
      return fingerprintOf(toRecord(reading.isJson ? reading.value : null))
    })
    expect(fingerprints[0]).not.toBe(fingerprints[1])
  })
})

describe('a list of media', () => {
  it('reads the answer to an upload', () => {
    const files = [
      {
        filename: 'street.mp4',
        file_type: 'video',
        cdn_url: 'https://cdn.example.test/u/street.mp4',
        duration: 30.5,
        width: 1920,
        height: 1080,
        fps: 30,
        hash: '9b1c',
      },
    ]
    expect(readMediaList(files)).toEqual([
      {
        filename: 'street.mp4',
        kind: 'video',
        url: 'https://cdn.example.test/u/street.mp4',
        hash: '9b1c',
        durationMs: 30_500,
        width: 1920,
        height: 1080,
      },
    ])
  })

  it.each<[string, unknown, (string | null)[]]>([
    ['an array', [{ url: 'https://x.test/a.mp4' }, { filename: 'b.png' }], ['a.mp4', 'b.png']],
    [
      'an object by name',
      { 'a.mp4': { url: 'https://x.test/1' }, 'b.mp4': 'https://x.test/2' },
      ['a.mp4', 'b.mp4'],
    ],
    ['an object of arrays', { video: [{ url: 'https://x.test/a.mp4' }], image: [] }, ['a.mp4']],
    ['one file', { url: 'https://x.test/a.mp4', type: 'video' }, ['a.mp4']],
    ['URLs', ['https://x.test/a.mp4?x=1'], ['a.mp4']],
    ['a file without a name', [{ hash: 'ff' }], [null]],
    ['nothing', null, []],
    ['nonsense', [null, 7, [[]]], []],
  ])('reads %s', (_name, list, names) => {
    expect(readMediaList(list).map(({ filename }) => filename)).toEqual(names)
  })

  it('names a file once that is in two lists', () => {
    const clip = readMediaList([{ url: 'https://x.test/a.mp4' }])
    const other = readMediaList([{ filename: 'b' }])
    expect(mergeMedia(clip, clip, other, other)).toHaveLength(3)
  })
})
