import { decodePercents } from '../../url-name.ts'
import {
  findNumber,
  findRawNumber,
  findText,
  firstFound,
  isRecord,
  type JsonRecord,
  toRecord,
} from './json.ts'

/** A draft read by the tolerant rules of upstream-protocol.md §4.3: tracks with at least one segment, in order. */
export interface DraftTrack {
  /** `tt`: 0 video, 1 audio, 7 text; others exist. Null when the draft does not say. */
  readonly type: number | null
  readonly segments: readonly DraftSegment[]
  readonly volumePercent: number | null
}

export interface DraftSegment {
  readonly startMs: number
  readonly durationMs: number
  readonly label: string | null
  readonly url: string | null
}

export const trackTypes = { video: 0, audio: 1, text: 7 } as const

/** A draft can be rendered when `t` is an array in which at least one track has a segment (§4.4). */
export const isExportableDraft = (draft: unknown): boolean =>
  tracksOf(draft).some((track) => segmentsOf(track).length > 0)

export const readDraftTracks = (draft: unknown): DraftTrack[] =>
  tracksOf(draft)
    .filter((track) => segmentsOf(track).length > 0)
    .map((track) => readTrack(toRecord(track), toRecord(draft)))

const tracksOf = (draft: unknown): readonly unknown[] => listOf(toRecord(draft)['t'])
const segmentsOf = (track: unknown): readonly unknown[] => listOf(toRecord(track)['sg'])
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const readTrack = (track: JsonRecord, draft: JsonRecord): DraftTrack => {
  const type = findNumber(track['tt'])
  const segments: DraftSegment[] = []
  let elapsedMs = 0
  for (const segment of segmentsOf(track)) {
    const read = readSegment(toRecord(segment), { track, draft, type, elapsedMs })
    segments.push(read)
    elapsedMs += read.durationMs
  }
  return { type, segments, volumePercent: type === trackTypes.audio ? findVolume(track) : null }
}

interface Surroundings {
  readonly track: JsonRecord
  readonly draft: JsonRecord
  readonly type: number | null
  /** The lengths of the earlier segments of the track. */
  readonly elapsedMs: number
}

const readSegment = (segment: JsonRecord, around: Surroundings): DraftSegment => {
  const meta = toRecord(segment['m'])
  const startMs = firstFound(startsOf(segment, meta), findMilliseconds) ?? around.elapsedMs
  return {
    startMs,
    durationMs:
      findLength(segment, meta, startMs) ?? findMilliseconds(around.track['d']) ?? wholeDraft(around),
    label: findLabel(meta, around),
    url: findUrl(segment, meta),
  }
}

const startsOf = (segment: JsonRecord, meta: JsonRecord): readonly unknown[] => [
  segment['st'],
  segment['start'],
  meta['start'],
  meta['start_time'],
  segment['in'],
]

const findLength = (segment: JsonRecord, meta: JsonRecord, startMs: number): number | null => {
  const lengthMs = findMilliseconds(segment['d'])
  if (lengthMs !== null) return lengthMs
  const ends = [segment['end'], meta['end'], meta['end_time'], segment['out']]
  const endMs = firstFound(ends, findMilliseconds)
  if (endMs !== null && endMs >= startMs) return endMs - startMs
  return findMilliseconds(meta['duration'])
}

const wholeDraft = ({ draft }: Surroundings): number => findMilliseconds(draft['d']) ?? 0

/** A draft counts in milliseconds throughout. */
const findMilliseconds = (value: unknown): number | null => {
  const ms = findNumber(value) ?? findNumber(findRawNumber(value))
  return ms === null ? null : Math.max(ms, 0)
}

const findLabel = (meta: JsonRecord, { track, type }: Surroundings): string | null => {
  if (type === trackTypes.text) return firstFound([meta['text'], meta['content'], meta['title']], findText)
  const trackTitle = toRecord(track['m'])['title']
  return firstFound([meta['title'], meta['name'], trackTitle], findText) ?? findFileName(findUrl({}, meta))
}

const findUrl = (segment: JsonRecord, meta: JsonRecord): string | null =>
  firstFound([meta['src'], meta['url'], meta['cdn_url'], segment['src'], segment['url']], findText)

/** The last part of a URL's path or of a sandbox path such as `/mnt/userdata/clip.mp4`. */
export const findFileName = (url: string | null): string | null => {
  const path = url?.split(/[?#]/, 1)[0] ?? ''
  const last =
    path
      .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
      .split('/')
      .at(-1) ?? ''
  return findText(decodePercents(last))
}

/** Up to 1 it is a fraction, above that percent. */
const findVolume = (track: JsonRecord): number | null => {
  const segments = segmentsOf(track).filter(isRecord)
  const candidates = [
    ...segments.map((segment) => toRecord(segment['m'])['volume']),
    ...segments.map((segment) => segment['volume']),
    toRecord(track['m'])['volume'],
  ]
  const volume = firstFound(candidates, findNumber)
  if (volume === null || volume < 0) return null
  return Math.round(volume <= 1 ? volume * 100 : volume)
}
