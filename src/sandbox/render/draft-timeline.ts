import type { Draft, DraftSegment, DraftTrack, SegmentMeta } from './draft.ts'
import { canvasOf } from './prompt-format.ts'
import type { RenderOutput } from './render-draft.ts'

/** A draft read for rendering: every gap filled, times in seconds, texts and sounds on one clock. */
export interface Timeline {
  readonly durationMs: number
  readonly width: number
  readonly height: number
  readonly title: string
  readonly shots: readonly Shot[]
  readonly texts: readonly TextCue[]
  readonly music: MusicCue | null
}

interface Cue {
  readonly startS: number
  readonly endS: number
}

export interface Shot extends Cue {
  readonly source: ShotSource
  readonly title: string
  /** Where in the source the shot begins, and how many of its seconds pass in one of the film's. */
  readonly inS: number
  readonly speed: number
  readonly grade: string | null
  /** From and to black. */
  readonly fadeInS: number
  readonly fadeOutS: number
}

export type ShotSource =
  | { readonly kind: 'scene'; readonly scene: unknown }
  | { readonly kind: 'media'; readonly src: string }
  | { readonly kind: 'blank' }

export interface TextCue extends Cue {
  readonly text: string
  readonly color: string | null
  readonly position: string
  readonly role: 'title' | 'subtitle'
  /** 1 is the ordinary size of the role. */
  readonly size: number
  readonly fadeInS: number
  readonly fadeOutS: number
}

export interface MusicCue extends Cue {
  /** Its name on the timeline: a style such as "Lo-fi", or a file name. */
  readonly label: string
  readonly src: string | null
  /** 0 to 1. */
  readonly volume: number
  readonly fadeInS: number
  readonly fadeOutS: number
}

const defaultDurationMs = 5_000
const longestDurationMs = 600_000

/** Reads a draft tolerantly (upstream-protocol.md §4.2, §4.3); a draft without anything visible gives one blank shot. */
export function readTimeline(draft: Draft, output: RenderOutput): Timeline {
  const tracks = Array.isArray(draft.t) ? draft.t : []
  const cues = (type: number) => tracks.filter((track) => track?.tt === type).flatMap(placeSegments)
  const visible = cues(0)
  const durationMs = durationOf(draft, [...visible, ...cues(7), ...cues(1)])
  const shots = visible.map(toShot)
  return {
    durationMs,
    ...canvasSize(draft, output),
    title: text(draft.m?.title) ?? shots[0]?.title ?? '',
    shots: shots.length > 0 ? shots : [toShot({ startMs: 0, endMs: durationMs, meta: {} })],
    texts: cues(7)
      .map(toText)
      .filter((cue) => cue.text !== ''),
    music: cues(1).map(toMusic)[0] ?? null,
  }
}

interface PlacedSegment {
  readonly startMs: number
  readonly endMs: number
  readonly meta: SegmentMeta
}

/** Segments without a start follow the one before them. */
function placeSegments(track: DraftTrack): PlacedSegment[] {
  const segments = Array.isArray(track.sg) ? (track.sg as readonly (DraftSegment | null)[]) : []
  const placed: PlacedSegment[] = []
  let cursorMs = 0
  for (const segment of segments) {
    if (segment === null || typeof segment !== 'object') continue
    const startMs = Math.max(0, number(segment.st) ?? cursorMs)
    const lengthMs = Math.max(0, number(segment.d) ?? defaultDurationMs)
    placed.push({ startMs, endMs: startMs + lengthMs, meta: segment.m ?? {} })
    cursorMs = startMs + lengthMs
  }
  return placed
}

function durationOf(draft: Draft, placed: readonly PlacedSegment[]): number {
  const stated = number(draft.d)
  const last = placed.reduce((latest, segment) => Math.max(latest, segment.endMs), 0)
  const durationMs = stated !== null && stated > 0 ? stated : last > 0 ? last : defaultDurationMs
  return Math.min(longestDurationMs, Math.max(200, durationMs))
}

/** The draft's canvas, made smaller when the output asks for less, and kept within full HD. */
function canvasSize(draft: Draft, output: RenderOutput): { width: number; height: number } {
  const width = number(draft.m?.width) ?? 1920
  const height = number(draft.m?.height) ?? 1080
  if (width < 16 || height < 16) return canvasOf('16:9', 1080)
  const asked = Number(/\d{3,4}/.exec(output.resolution ?? '')?.[0] ?? 1080)
  const shortest = Math.min(1080, Math.max(144, asked))
  const scale = Math.min(1, shortest / Math.min(width, height), (shortest * 16) / 9 / Math.max(width, height))
  return { width: even(width * scale), height: even(height * scale) }
}

const even = (pixels: number) => Math.max(16, Math.round(pixels / 2) * 2)

function cueOf(segment: PlacedSegment): Cue {
  return { startS: segment.startMs / 1000, endS: segment.endMs / 1000 }
}

function toShot(segment: PlacedSegment): Shot {
  const { meta } = segment
  const speed = number(meta.speed) ?? 1
  return {
    ...cueOf(segment),
    source: sourceOf(meta),
    title: text(meta.title) ?? '',
    inS: Math.max(0, (number(meta.in) ?? 0) / 1000),
    speed: speed > 0 ? Math.min(16, speed) : 1,
    grade: text(meta.grade),
    fadeInS: fade(meta.fade_in, 0),
    fadeOutS: fade(meta.fade_out, 0),
  }
}

function sourceOf(meta: SegmentMeta): ShotSource {
  const src = text(meta.src)
  if (meta.scene !== undefined && meta.scene !== null) return { kind: 'scene', scene: meta.scene }
  return src === null ? { kind: 'blank' } : { kind: 'media', src }
}

function toText(segment: PlacedSegment): TextCue {
  const { meta } = segment
  return {
    ...cueOf(segment),
    text: (text(meta.text) ?? text(meta.title) ?? '').trim(),
    color: text(meta.color),
    position: text(meta.position) ?? 'center',
    role: meta.role === 'subtitle' ? 'subtitle' : 'title',
    size: Math.min(4, Math.max(0.2, number(meta.size) ?? 1)),
    fadeInS: fade(meta.fade_in, 400),
    fadeOutS: fade(meta.fade_out, 400),
  }
}

function toMusic(segment: PlacedSegment): MusicCue {
  const { meta } = segment
  const volume = Math.max(0, number(meta.volume) ?? 0.6)
  return {
    ...cueOf(segment),
    label: text(meta.title) ?? '',
    src: text(meta.src),
    volume: Math.min(1, volume > 1 ? volume / 100 : volume),
    fadeInS: fade(meta.fade_in, 500),
    fadeOutS: fade(meta.fade_out, 900),
  }
}

const fade = (value: unknown, defaultMs: number) => Math.max(0, number(value) ?? defaultMs) / 1000
const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
