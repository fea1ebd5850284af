import type { Draft, Segment } from '../session-state.ts'
import type { MusicOperation } from './operation.ts'
import { segmentsOf, withSegments } from './timeline.ts'

/** The volume at which the agent lays music under a clip. */
const backgroundVolume = 0.35

/** The draft after an edit of its music. */
export const editMusic = (draft: Draft, operation: MusicOperation): Draft => {
  const music = segmentsOf(draft, 'music')
  switch (operation.op) {
    case 'set_music':
      return withSegments(draft, 'music', [musicSegment(operation, draft.d, music[0]?.m.volume)])
    case 'remove_music':
      return withSegments(draft, 'music', [])
    case 'set_volume':
      return withSegments(
        draft,
        'music',
        music.map((segment) => withVolume(segment, operation.volume)),
      )
    case 'scale_volume':
      return withSegments(
        draft,
        'music',
        music.map((segment) =>
          withVolume(segment, (segment.m.volume ?? backgroundVolume) * operation.factor),
        ),
      )
  }
}

const musicSegment = (
  { label, src }: { label: string; src: string },
  lengthMs: number,
  volume = backgroundVolume,
): Segment => ({
  id: 'sg_a1',
  st: 0,
  d: lengthMs,
  m: { title: label, src, volume, fade_in: 500, fade_out: 500 },
})

const withVolume = (segment: Segment, volume: number): Segment => ({
  ...segment,
  m: { ...segment.m, volume: Math.round(Math.min(1, Math.max(0, volume)) * 100) / 100 },
})
