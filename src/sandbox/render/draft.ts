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
  /** Where in the source (a file or a scene) the segment begins and ends. */
  readonly in?: number
  readonly out?: number
  /** 2 plays the source twice as fast. */
  readonly speed?: number
  /** A look: `warm`, `cool`, `cinematic`, `vintage`, `high-contrast`, `soft`; others are ignored. */
  readonly grade?: string
  readonly text?: string
  /** `subtitle` is set small; everything else as a title. */
  readonly role?: string
  readonly color?: string
  /** 1 is the ordinary size of the role. */
  readonly size?: number
  /** `top-left` … `bottom-right`, `center`, `top-center`, `bottom-center`. */
  readonly position?: string
  /** 0 to 1; above 1 it is a percentage. */
  readonly volume?: number
  /** Of a text: to and from nothing; of a picture: from and to black; of music: from and to silence. */
  readonly fade_in?: number
  readonly fade_out?: number
}
