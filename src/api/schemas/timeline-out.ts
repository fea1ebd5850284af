import { z } from 'zod'
import type { SessionState, TimelineTrack } from '../../providers/provider.ts'

const SegmentOut = z.object({
  start_s: z.number(),
  duration_s: z.number(),
  label: z.string().nullable().describe('The title of a clip or a piece of music; the words of a text.'),
})

const TrackOut = z.object({
  kind: z.enum(['video', 'audio', 'text', 'other']),
  volume_percent: z.number().nullable().describe('Of audio, where the draft says it.'),
  segments: z.array(SegmentOut),
})

export const TimelineOut = z
  .object({
    summary: z.string().nullable().describe('The draft in one line; null while it is empty.'),
    exportable: z.boolean().describe('Is there anything to render?'),
    duration_s: z.number(),
    tracks: z.array(TrackOut),
  })
  .meta({ id: 'Timeline' })

export type TimelineOut = z.output<typeof TimelineOut>

const toSeconds = (ms: number): number => Math.round(ms) / 1000

export const toTimelineOut = ({
  tracks,
  timelineLine,
  isExportable,
}: Pick<SessionState, 'tracks' | 'timelineLine' | 'isExportable'>): TimelineOut => ({
  summary: timelineLine,
  exportable: isExportable,
  duration_s: toSeconds(endOf(tracks)),
  tracks: tracks.map(({ kind, volumePercent, segments }) => ({
    kind,
    volume_percent: volumePercent,
    segments: segments.map(({ startMs, durationMs, label }) => ({
      start_s: toSeconds(startMs),
      duration_s: toSeconds(durationMs),
      label,
    })),
  })),
})

const endOf = (tracks: readonly TimelineTrack[]): number =>
  tracks
    .flatMap(({ segments }) => segments)
    .reduce((endMs, { startMs, durationMs }) => Math.max(endMs, startMs + durationMs), 0)
