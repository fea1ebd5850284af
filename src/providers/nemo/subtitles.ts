import type { SubtitleFormat, TimelineTrack } from '../provider.ts'

/** A line of text on screen. Cues are in order of their start. */
export interface Cue {
  readonly startMs: number
  readonly endMs: number
  readonly text: string
}

export const writeSubtitles = (tracks: readonly TimelineTrack[], format: SubtitleFormat): string =>
  format === 'srt' ? toSrt(toCues(tracks)) : toVtt(toCues(tracks))

/** The cues of all text tracks: subtitles come out of the draft, no render needed (upstream-protocol.md §4.5). */
export const toCues = (tracks: readonly TimelineTrack[]): Cue[] =>
  tracks
    .filter(({ kind }) => kind === 'text')
    .flatMap(({ segments }) => segments)
    .map(({ startMs, durationMs, label }) => ({
      startMs,
      endMs: startMs + durationMs,
      text: plainLines(label ?? ''),
    }))
    .filter(({ text }) => text !== '')
    .toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)

/** SubRip: numbered cues, CRLF is not needed by any player. Empty without cues. */
export const toSrt = (cues: readonly Cue[]): string =>
  cues
    .map(({ startMs, endMs, text }, index) => `${index + 1}\n${span(startMs, endMs, ',')}\n${text}\n`)
    .join('\n')

/** WebVTT: the same with a head, `.` before the milliseconds, and its two special characters escaped. */
export const toVtt = (cues: readonly Cue[]): string => {
  const blocks = cues.map(
    ({ startMs, endMs, text }, index) => `${index + 1}\n${span(startMs, endMs, '.')}\n${escapeVtt(text)}\n`,
  )
  return ['WEBVTT\n', ...blocks].join('\n')
}

/** An empty line would end the cue. */
const plainLines = (text: string): string =>
  text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')

const escapeVtt = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const span = (startMs: number, endMs: number, point: ',' | '.'): string =>
  `${timestamp(startMs, point)} --> ${timestamp(endMs, point)}`

const timestamp = (ms: number, point: ',' | '.'): string => {
  const whole = Math.round(ms)
  const digits = (value: number, length: number): string => String(value).padStart(length, '0')
  const hours = digits(Math.floor(whole / 3_600_000), 2)
  const minutes = digits(Math.floor(whole / 60_000) % 60, 2)
  const seconds = digits(Math.floor(whole / 1000) % 60, 2)
  return `${hours}:${minutes}:${seconds}${point}${digits(whole % 1000, 3)}`
}
