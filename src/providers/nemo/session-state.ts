import type { SessionState } from '../provider.ts'
import { isExportableDraft, readDraftTracks } from './draft.ts'
import { fingerprintOf } from './fingerprint.ts'
import { findId, isRecord, toRecord } from './json.ts'
import { mergeMedia, readMediaList } from './media-list.ts'
import { timelineLine, toTimelineTrack } from './timeline.ts'

/** What the payload of `GET /api/state/…/latest` says (upstream-protocol.md §2.7), with or without its `state` layer. */
export const toSessionState = (payload: unknown): SessionState => {
  const session = toRecord(payload)
  const state = isRecord(session['state']) ? session['state'] : session
  const draft = isRecord(state['draft']) ? state['draft'] : null
  const tracks = readDraftTracks(draft)
  return {
    draft,
    fingerprint: fingerprintOf(state),
    isExportable: isExportableDraft(draft),
    tracks: tracks.map(toTimelineTrack),
    timelineLine: timelineLine(tracks),
    media: mergeMedia(readMediaList(state['video_infos']), readMediaList(state['generated_media'])),
    userId: findId(session['user_id']) ?? findId(session['userId']) ?? findId(state['user_id']),
  }
}
