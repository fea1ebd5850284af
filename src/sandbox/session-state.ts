import type { SceneSpec } from './render/scene-spec.ts'

/** What `GET /api/state` shows of a session (upstream-protocol.md §4.2). Times in the draft are milliseconds. */
export interface SessionState {
  /** `{}` until something was made. */
  readonly draft: Draft | Record<string, never>
  readonly video_infos: readonly MediaInfo[]
  readonly canvas_config: Canvas | Record<string, never>
  readonly generated_media: readonly GeneratedMedia[]
  readonly video_analyses: Readonly<Record<string, { readonly summary: string }>>
}

export interface Draft {
  readonly d: number
  readonly m: DraftMeta
  readonly t: readonly Track[]
}

export interface DraftMeta {
  readonly title: string
  readonly width: number
  readonly height: number
  /** Requests that the agent knows no better answer to than a change of the look; one entry each. */
  readonly tweaks?: readonly string[]
}

export const trackTypes = { video: 0, audio: 1, text: 7 } as const

export interface Track {
  readonly id: string
  readonly tt: number
  readonly sg: readonly Segment[]
}

export interface Segment {
  readonly id: string
  readonly st: number
  readonly d: number
  readonly m: SegmentMeta
}

export interface SegmentMeta {
  readonly title?: string
  readonly src?: string
  readonly scene?: SceneSpec
  readonly width?: number
  readonly height?: number
  readonly in?: number
  readonly out?: number
  readonly speed?: number
  readonly grade?: string
  readonly text?: string
  readonly role?: 'title' | 'subtitle'
  readonly color?: string
  readonly size?: number
  readonly position?: string
  /** 0 to 1. */
  readonly volume?: number
  readonly fade_in?: number
  readonly fade_out?: number
}

/** One uploaded or generated file. Unlike in the draft, `duration` is seconds. */
export interface MediaInfo {
  readonly filename: string
  readonly file_type: 'video' | 'image' | 'audio'
  readonly cdn_url: string
  readonly duration?: number
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  readonly hash?: string
}

export interface Canvas {
  readonly width: number
  readonly height: number
  readonly ratio: string
}

export interface GeneratedMedia {
  readonly type: 'video' | 'audio'
  readonly url: string
  readonly duration: number
}

export const emptyState: SessionState = {
  draft: {},
  video_infos: [],
  canvas_config: {},
  generated_media: [],
  video_analyses: {},
}

/** The draft, or null while nothing was made. */
export const draftOf = (state: SessionState): Draft | null =>
  't' in state.draft ? (state.draft as Draft) : null
