import { describe, expect, it } from 'vitest'
import type { Draft } from '../../../src/sandbox/render/draft.ts'
import { readTimeline } from '../../../src/sandbox/render/draft-timeline.ts'

const canvas = { width: 1080, height: 1920 }

describe('a timeline', () => {
  it('lays segments without a start after one another', () => {
    const { shots, durationMs } = readTimeline(
      { m: canvas, t: [{ tt: 0, sg: [{ d: 2000 }, { d: 3000 }] }] },
      {},
    )
    expect(shots.map(({ startS, endS }) => [startS, endS])).toEqual([
      [0, 2],
      [2, 5],
    ])
    expect(durationMs).toBe(5000)
  })

  it('lasts as long as the draft says, whatever its segments say', () => {
    expect(
      readTimeline({ d: 4000, m: canvas, t: [{ tt: 0, sg: [{ st: 0, d: 9000 }] }] }, {}).durationMs,
    ).toBe(4000)
  })

  it('is drawn on the draft’s canvas, or smaller when the output asks for less', () => {
    const draft = { d: 1000, m: canvas }
    expect(readTimeline(draft, {})).toMatchObject({ width: 1080, height: 1920 })
    expect(readTimeline(draft, { resolution: '720p' })).toMatchObject({ width: 720, height: 1280 })
    expect(readTimeline({ d: 1000, m: { width: 3840, height: 2160 } }, {})).toMatchObject({
      width: 1920,
      height: 1080,
    })
  })

  it('prefers the scene of a segment to its source and reads cuts, speed, grade and fades', () => {
    const scene = { time: 'night' }
    const meta = { scene, src: 'u/clip.mp4', in: 1500, speed: 2, grade: 'warm', fade_in: 200, fade_out: 300 }
    const [shot] = readTimeline({ m: canvas, t: [{ tt: 0, sg: [{ d: 1000, m: meta }] }] }, {}).shots
    expect(shot).toMatchObject({ inS: 1.5, speed: 2, grade: 'warm', fadeInS: 0.2, fadeOutS: 0.3 })
    expect(shot?.source).toEqual({ kind: 'scene', scene })
  })

  it('reads a volume above one as a percentage', () => {
    const music = (volume: number) =>
      readTimeline({ t: [{ tt: 1, sg: [{ d: 1000, m: { volume } }] }] }, {}).music
    expect(music(0.35)?.volume).toBe(0.35)
    expect(music(35)?.volume).toBe(0.35)
    expect(music(900)?.volume).toBe(1)
  })

  it('keeps titles and subtitles and drops texts without words', () => {
    const segments = [
      {
        st: 0,
        d: 900,
        m: { text: 'Hello', color: '#ff0000', position: 'top-center', fade_in: 100, size: 1.5 },
      },
      { st: 1000, d: 900, m: { text: 'spoken', role: 'subtitle' } },
      { st: 2000, d: 900, m: { text: '  ' } },
    ]
    const { texts } = readTimeline({ t: [{ tt: 7, sg: segments }] }, {})
    expect(texts).toMatchObject([
      {
        text: 'Hello',
        color: '#ff0000',
        position: 'top-center',
        role: 'title',
        size: 1.5,
        fadeInS: 0.1,
        startS: 0,
      },
      { text: 'spoken', role: 'subtitle', startS: 1 },
    ])
  })

  it.each([
    ['nothing', {}],
    ['no tracks', { d: 3000, t: [] }],
    ['tracks of unknown types', { t: [{ tt: 3, sg: [{ d: 1 }] }, {}] }],
    ['nulls where objects should be', { t: [null, { tt: 0, sg: null }, { tt: 0, sg: [null, 7] }], m: null }],
    [
      'wrong types',
      {
        d: 'long',
        m: { width: 'wide', height: -4 },
        t: [{ tt: 0, sg: [{ st: '0', d: {}, m: { src: 4 } }] }],
      },
    ],
  ])('is made even of a draft with %s', (_name, draft) => {
    const timeline = readTimeline(draft as unknown as Draft, {})
    expect(timeline.shots.length).toBeGreaterThan(0)
    expect(timeline.durationMs).toBeGreaterThan(0)
    expect(timeline.width * timeline.height).toBeGreaterThan(0)
  })
})
