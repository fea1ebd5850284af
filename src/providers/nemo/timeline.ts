import type { TimelineTrack } from '../provider.ts'
import { type DraftTrack, trackTypes } from './draft.ts'

/** Beyond these the line says "…": it is for people. */
const maxTracks = 50
const maxLabels = 20
const maxLabelLength = 80

export const toTimelineTrack = ({ type, segments, volumePercent }: DraftTrack): TimelineTrack => ({
  kind: kindOf(type),
  segments,
  volumePercent,
})

const kindOf = (type: number | null): TimelineTrack['kind'] => {
  switch (type) {
    case trackTypes.video:
      return 'video'
    case trackTypes.audio:
      return 'audio'
    case trackTypes.text:
      return 'text'
    default:
      return 'other'
  }
}

/**
 * The summary of a timeline in one line, word for word as the provider's own documents put it
 * (upstream-protocol.md §4.5); null for a draft with nothing in it.
 */
export const timelineLine = (tracks: readonly DraftTrack[]): string | null => {
  if (tracks.length === 0) return null
  const shown = tracks.slice(0, maxTracks).map((track, index) => `${index + 1}. ${describe(track)}`)
  if (tracks.length > maxTracks) shown.push('…')
  return `Timeline (${tracks.length} ${tracks.length === 1 ? 'track' : 'tracks'}): ${shown.join(' ')}`
}

const describe = (track: DraftTrack): string => {
  const starts = track.segments.map(({ startMs }) => startMs)
  const ends = track.segments.map(({ startMs, durationMs }) => startMs + durationMs)
  const span = `${toSeconds(smallest(starts))}-${toSeconds(largest(ends))}s`
  const volume = track.volumePercent === null ? '' : `, ${track.volumePercent}%`
  return `${typeName(track.type)}: ${labelsOf(track)} (${span}${volume})`
}

const typeName = (type: number | null): string => {
  switch (type) {
    case trackTypes.video:
      return 'Video'
    case trackTypes.audio:
      return 'BGM'
    case trackTypes.text:
      return 'Title'
    case null:
      return 'Track'
    default:
      return `Track(${type})`
  }
}

/** The labels of the segments, in order, each name in a row once; the type's name where there is none. */
const labelsOf = ({ type, segments }: DraftTrack): string => {
  const labels = segments.flatMap(({ label }) => (label === null ? [] : [shorten(label)]))
  const distinct = labels.filter((label, index) => label !== labels[index - 1])
  const shown = distinct.slice(0, maxLabels).map((label) => (type === trackTypes.text ? `"${label}"` : label))
  if (distinct.length > maxLabels) shown.push('…')
  return shown.length === 0 ? typeName(type) : shown.join(', ')
}

const shorten = (label: string): string => {
  const line = label.replace(/\s+/g, ' ').trim()
  return line.length > maxLabelLength ? `${line.slice(0, maxLabelLength - 1)}…` : line
}

/** Without trailing zeros: 10, 7.5, 0.033. */
const toSeconds = (ms: number): string => String(Number((ms / 1000).toFixed(3)))

const smallest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity)
const largest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0)
