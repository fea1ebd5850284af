/**
 * The draft as the renderer reads it (upstream-protocol.md §4.2): every key may be missing, unknown keys are ignored.
 * Times are milliseconds.
 */
export interface Draft {
  readonly d?: number
  readonly m?: DraftMeta
  readonly t?: readonly DraftTrack[]
}

export interface DraftMeta {
  readonly title?: string
  readonly width?: number
  readonly height?: number
}

export interface DraftTrack {
  readonly id?: string
  /** 0 video, 1 audio, 7 text; other types are ignored. */
  readonly tt?: number
  readonly sg?: readonly DraftSegment[]
}

export interface DraftSegment {
  readonly id?: string
  /** Start on the timeline; missing: after the segment before it. */
  readonly st?: number
  readonly d?: number
  readonly m?: SegmentMeta
}

export interface SegmentMeta {
  readonly title?: string
  /** A SceneSpec to draw; read tolerantly, because it comes back from a client. */
  readonly scene?: unknown
  /** URL of an uploaded or fetched image or clip. */
  readonly src?: string
  /** Where in the source clip the segment begins and ends. */
  readonly in?: number
  readonly out?: number
  readonly text?: string
  readonly color?: string
  /** `top-left` … `bottom-right`, `center`, `top-center`, `bottom-center`. */
  readonly position?: string
  /** 0 to 1; above 1 it is a percentage. */
  readonly volume?: number
  readonly fade_in?: number
  readonly fade_out?: number
}
