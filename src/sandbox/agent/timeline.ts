import { type Draft, type Segment, type Track, trackTypes } from '../session-state.ts'

const trackIds = { video: 'trk_v', music: 'trk_a', title: 'trk_t', subtitles: 'trk_s' } as const
type TrackName = keyof typeof trackIds

const typeOfTrack: Readonly<Record<TrackName, number>> = {
  video: trackTypes.video,
  music: trackTypes.audio,
  title: trackTypes.text,
  subtitles: trackTypes.text,
}

/** No clip, however often it is shortened, becomes shorter than this. */
export const shortestMs = 500

export const segmentsOf = (draft: Draft, name: TrackName): readonly Segment[] =>
  draft.t.find((track) => track.id === trackIds[name])?.sg ?? []

export const lengthOf = (segments: readonly Segment[]): number =>
  Math.max(0, ...segments.map((segment) => segment.st + segment.d))

/** The draft with other segments in a track; the track appears with its first segment and goes with its last. */
export const withSegments = (draft: Draft, name: TrackName, segments: readonly Segment[]): Draft => {
  const track: Track = { id: trackIds[name], tt: typeOfTrack[name], sg: segments }
  const isThere = draft.t.some(({ id }) => id === track.id)
  const tracks = isThere
    ? draft.t.map((other) => (other.id === track.id ? track : other))
    : [...draft.t, track]
  return fitToVideo({ ...draft, t: tracks.filter(({ sg }) => sg.length > 0) })
}

/** Segments end to end from the start, numbered anew. */
export const layEndToEnd = (segments: readonly Omit<Segment, 'id' | 'st'>[]): readonly Segment[] => {
  let start = 0
  return segments.map((segment, index) => {
    const laid = { id: `sg_v${index + 1}`, st: start, d: segment.d, m: segment.m }
    start += segment.d
    return laid
  })
}

/** Music and text end with the picture, and music lasts as long as it. */
const fitToVideo = (draft: Draft): Draft => {
  const lengthMs = lengthOf(segmentsOf(draft, 'video'))
  const tracks = draft.t.map((track) => {
    if (track.tt === trackTypes.video) return track
    const fitted = track.sg
      .filter((segment) => segment.st < lengthMs)
      .map((segment) => ({
        ...segment,
        d: track.tt === trackTypes.audio ? lengthMs - segment.st : Math.min(segment.d, lengthMs - segment.st),
      }))
    return { ...track, sg: fitted }
  })
  return { ...draft, d: lengthMs, t: tracks.filter(({ sg }) => sg.length > 0) }
}
