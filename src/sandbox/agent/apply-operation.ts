import { type Draft, draftOf, type Segment, type SessionState } from '../session-state.ts'
import { editMusic } from './music-edits.ts'
import type { GenerationOperation, LookOperation, Operation } from './operation.ts'
import { editText } from './text-edits.ts'
import { layEndToEnd, lengthOf, segmentsOf, withSegments } from './timeline.ts'
import { editVideo } from './video-edits.ts'

/** The state after an operation. Pure; an edit of a session that has no draft yet changes nothing. */
export const applyOperation = (state: SessionState, operation: Operation): SessionState => {
  if (operation.op === 'place_clips') return placeClips(state, operation)
  const draft = draftOf(state)
  return draft === null ? state : { ...state, draft: editDraft(draft, operation) }
}

const editDraft = (draft: Draft, operation: Exclude<Operation, GenerationOperation>): Draft => {
  switch (operation.op) {
    case 'set_music':
    case 'remove_music':
    case 'set_volume':
    case 'scale_volume':
      return editMusic(draft, operation)
    case 'set_title':
    case 'remove_title':
    case 'color_title':
    case 'scale_title':
    case 'move_title':
    case 'add_subtitles':
    case 'remove_subtitles':
      return editText(draft, operation)
    case 'tweak':
      return tweakLook(draft, operation)
    default:
      return editVideo(draft, operation)
  }
}

/** A generation starts the timeline anew and leaves earlier clips in the session's media. */
const placeClips = (state: SessionState, operation: GenerationOperation): SessionState => {
  const segments = layEndToEnd(operation.segments)
  const { canvas, title } = operation
  return {
    ...state,
    draft: {
      d: lengthOf(segments),
      m: { title, width: canvas.width, height: canvas.height },
      t: [{ id: 'trk_v', tt: 0, sg: segments }],
    },
    video_infos: [...state.video_infos, ...operation.infos],
    canvas_config: canvas,
    generated_media: [...state.generated_media, ...operation.generated],
    video_analyses: {
      ...state.video_analyses,
      ...Object.fromEntries(operation.infos.map((info) => [info.filename, { summary: title }])),
    },
  }
}

const tweakLook = (draft: Draft, { request, grade, scene }: LookOperation): Draft => {
  const graded = segmentsOf(draft, 'video').map(
    (segment): Segment => ({
      ...segment,
      m: { ...segment.m, grade, ...(scene !== null && segment.m.scene !== undefined && { scene }) },
    }),
  )
  const tweaked = withSegments(draft, 'video', graded)
  return { ...tweaked, m: { ...tweaked.m, tweaks: [...(draft.m.tweaks ?? []), request] } }
}
