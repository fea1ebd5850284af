import type { SceneSpec } from '../render/scene-spec.ts'
import type { Canvas, GeneratedMedia, MediaInfo, Segment } from '../session-state.ts'

/** One change of a session's state. Planned when a message arrives, applied when its time has come. */
export type Operation = GenerationOperation | MusicOperation | TextOperation | VideoOperation | LookOperation

export type GenerationOperation = {
  readonly op: 'place_clips'
  readonly title: string
  readonly canvas: Canvas
  /** Laid end to end on a new timeline. */
  readonly segments: readonly Omit<Segment, 'id' | 'st'>[]
  readonly infos: readonly MediaInfo[]
  readonly generated: readonly GeneratedMedia[]
}

export type MusicOperation =
  | { readonly op: 'set_music'; readonly label: string; readonly src: string }
  | { readonly op: 'remove_music' }
  | { readonly op: 'set_volume'; readonly volume: number }
  | { readonly op: 'scale_volume'; readonly factor: number }

export type TextOperation =
  | { readonly op: 'set_title'; readonly text: string }
  | { readonly op: 'remove_title' }
  | { readonly op: 'color_title'; readonly color: string }
  | { readonly op: 'scale_title'; readonly factor: number }
  | { readonly op: 'move_title'; readonly position: string }
  | { readonly op: 'add_subtitles'; readonly lines: readonly string[] }
  | { readonly op: 'remove_subtitles' }

export type VideoOperation =
  | { readonly op: 'cut_start'; readonly lengthMs: number }
  | { readonly op: 'cut_end'; readonly lengthMs: number }
  | { readonly op: 'keep_range'; readonly fromMs: number; readonly toMs: number }
  | { readonly op: 'set_length'; readonly lengthMs: number }
  | { readonly op: 'scale_length'; readonly factor: number }
  | { readonly op: 'change_speed'; readonly factor: number }
  | { readonly op: 'fade'; readonly inMs: number; readonly outMs: number }
  | { readonly op: 'append_clips'; readonly segments: readonly Omit<Segment, 'id' | 'st'>[] }

/** A request that has no tool of its own changes the look; `scene` is what the clip shows from then on. */
export type LookOperation = {
  readonly op: 'tweak'
  readonly request: string
  readonly grade: string
  readonly scene: SceneSpec | null
}
