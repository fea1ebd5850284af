import { describe, expect, it } from 'vitest'
import { readDraftTracks } from '../../../src/providers/nemo/draft.ts'
import { toCues, toSrt, toVtt, writeSubtitles } from '../../../src/providers/nemo/subtitles.ts'
import { toTimelineTrack } from '../../../src/providers/nemo/timeline.ts'

const draft = {
  t: [
    { tt: 0, sg: [{ d: 9000, m: { title: 'clip' } }] },
    { tt: 7, sg: [{ st: 61_500, d: 3_600_000, m: { text: 'Second\r\n\r\n line' } }] },
    {
      tt: 7,
      sg: [
        { st: 0, d: 1234.4, m: { text: '你好 <b>& co</b>' } },
        { d: 10, m: { text: ' ' } },
      ],
    },
  ],
}
const cues = toCues(readDraftTracks(draft).map(toTimelineTrack))

describe('subtitles', () => {
  it('come from the text tracks in order of time', () => {
    expect(cues).toEqual([
      { startMs: 0, endMs: 1234.4, text: '你好 <b>& co</b>' },
      { startMs: 61_500, endMs: 3_661_500, text: 'Second\nline' },
    ])
  })

  it('are numbered in SRT, with a comma before the milliseconds', () => {
    expect(toSrt(cues)).toBe(
      '1\n00:00:00,000 --> 00:00:01,234\n你好 <b>& co</b>\n\n2\n00:01:01,500 --> 01:01:01,500\nSecond\nline\n',
    )
  })

  it('have a head, a point and escapes in WebVTT', () => {
    expect(toVtt(cues)).toBe(
      'WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.234\n你好 &lt;b&gt;&amp; co&lt;/b&gt;\n\n' +
        '2\n00:01:01.500 --> 01:01:01.500\nSecond\nline\n',
    )
  })

  it('may be none', () => {
    expect([toSrt([]), toVtt([])]).toEqual(['', 'WEBVTT\n'])
  })

  it('are written from tracks in either format', () => {
    const tracks = readDraftTracks(draft).map(toTimelineTrack)
    expect(writeSubtitles(tracks, 'srt')).toBe(toSrt(cues))
    expect(writeSubtitles(tracks, 'vtt')).toBe(toVtt(cues))
  })
})
