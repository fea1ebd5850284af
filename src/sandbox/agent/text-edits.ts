import type { Draft, Segment, SegmentMeta } from '../session-state.ts'
import type { TextOperation } from './operation.ts'
import { segmentsOf, withSegments } from './timeline.ts'

const titleLengthMs = 3000

/** The draft after an edit of its title or its subtitles. An edit of a title that is not there makes one. */
export const editText = (draft: Draft, operation: TextOperation): Draft => {
  switch (operation.op) {
    case 'set_title':
      return withTitle(draft, { text: operation.text })
    case 'color_title':
      return withTitle(draft, { color: operation.color })
    case 'move_title':
      return withTitle(draft, { position: operation.position })
    case 'scale_title':
      return withTitle(draft, { size: scaled(titleOf(draft).m.size ?? 1, operation.factor) })
    case 'remove_title':
      return withSegments(draft, 'title', [])
    case 'add_subtitles':
      return withSegments(draft, 'subtitles', subtitleSegments(operation.lines, draft.d))
    case 'remove_subtitles':
      return withSegments(draft, 'subtitles', [])
  }
}

const titleOf = (draft: Draft): Segment =>
  segmentsOf(draft, 'title')[0] ?? {
    id: 'sg_t1',
    st: 0,
    d: titleLengthMs,
    m: { text: draft.m.title, role: 'title', color: '#FFFFFF', position: 'top-center', fade_in: 300 },
  }

const withTitle = (draft: Draft, change: SegmentMeta): Draft => {
  const title = titleOf(draft)
  const titled = withSegments(draft, 'title', [{ ...title, m: { ...title.m, ...change } }])
  return change.text === undefined ? titled : { ...titled, m: { ...titled.m, title: change.text } }
}

const scaled = (size: number, factor: number): number => Math.round(size * factor * 100) / 100

const subtitleSegments = (lines: readonly string[], lengthMs: number): readonly Segment[] => {
  const eachMs = Math.floor(lengthMs / Math.max(1, lines.length))
  return lines.map((text, index) => ({
    id: `sg_s${index + 1}`,
    st: index * eachMs,
    d: eachMs,
    m: { text, role: 'subtitle', color: '#FFFFFF', position: 'bottom-center' },
  }))
}
