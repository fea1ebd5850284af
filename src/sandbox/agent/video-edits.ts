import type { Draft, Segment } from '../session-state.ts'
import type { VideoOperation } from './operation.ts'
import { layEndToEnd, lengthOf, segmentsOf, shortestMs, withSegments } from './timeline.ts'

/** The draft after an edit of its picture; titles and music follow the new length. */
export const editVideo = (draft: Draft, operation: VideoOperation): Draft => {
  const segments = segmentsOf(draft, 'video')
  const edited = editSegments(segments, operation)
  return edited === segments ? draft : withSegments(draft, 'video', layEndToEnd(edited))
}

const editSegments = (
  segments: readonly Segment[],
  operation: VideoOperation,
): readonly Omit<Segment, 'id' | 'st'>[] => {
  const lengthMs = lengthOf(segments)
  switch (operation.op) {
    case 'cut_start':
      return keepRange(segments, Math.min(operation.lengthMs, lengthMs - shortestMs), lengthMs)
    case 'cut_end':
      return keepRange(segments, 0, Math.max(shortestMs, lengthMs - operation.lengthMs))
    case 'keep_range':
      return keepRange(segments, operation.fromMs, operation.toMs)
    case 'set_length':
      return setLength(segments, operation.lengthMs)
    case 'scale_length':
      return setLength(segments, Math.round((lengthMs * operation.factor) / 100) * 100)
    case 'change_speed':
      return segments.map((segment) => changeSpeed(segment, operation.factor))
    case 'fade':
      return segments.map((segment) => ({
        ...segment,
        m: { ...segment.m, fade_in: operation.inMs, fade_out: operation.outMs },
      }))
    case 'append_clips':
      return [...segments, ...operation.segments]
  }
}

/** What lies between two times; a range that would leave nothing changes nothing. */
const keepRange = (segments: readonly Segment[], fromMs: number, toMs: number): readonly Segment[] => {
  const kept = segments.flatMap((segment) => {
    const start = Math.max(segment.st, fromMs)
    const end = Math.min(segment.st + segment.d, toMs)
    return end > start ? [cutSegment(segment, start - segment.st, end - start)] : []
  })
  return lengthOf(kept) >= shortestMs ? kept : segments
}

const cutSegment = (segment: Segment, skippedMs: number, lengthMs: number): Segment => {
  const speed = segment.m.speed ?? 1
  const sourceStart = Math.round((segment.m.in ?? 0) + skippedMs * speed)
  return {
    ...segment,
    st: segment.st + skippedMs,
    d: lengthMs,
    m: { ...segment.m, in: sourceStart, out: sourceStart + Math.round(lengthMs * speed) },
  }
}

const setLength = (segments: readonly Segment[], wantedMs: number): readonly Segment[] => {
  const lengthMs = lengthOf(segments)
  const targetMs = Math.max(shortestMs, wantedMs)
  const last = segments.at(-1)
  if (targetMs <= lengthMs || last === undefined) return keepRange(segments, 0, targetMs)
  return [...segments.slice(0, -1), cutSegment(last, 0, last.d + targetMs - lengthMs)]
}

const changeSpeed = (segment: Segment, factor: number): Segment => ({
  ...segment,
  d: Math.max(shortestMs, Math.round(segment.d / factor)),
  m: { ...segment.m, speed: Math.round((segment.m.speed ?? 1) * factor * 1000) / 1000 },
})
