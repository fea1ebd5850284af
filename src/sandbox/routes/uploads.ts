import { z } from 'zod'
import { type Answer, type Refusal, refuseByCode, refuseByStatus, success } from '../answer.ts'
import type { Call, Route, SignedCall } from '../call.ts'
import { findSessionFor } from '../find-session.ts'
import { type Media, toMediaInfo } from '../media/media.ts'
import type { Parts } from '../parts.ts'
import type { Session } from '../sessions.ts'
import { receiveFiles, receiveUrls } from './received-files.ts'

const defaultLimitBytes = 500 * 1024 * 1024

const UrlsIn = z.object({
  urls: z.array(z.string()).min(1).max(50),
  source_type: z.literal('url').optional(),
})

/** `POST /api/upload-video/nemo_agent/me/<sid>` (§2.5): files as multipart, or URLs that are fetched. */
export const uploadRoute = (parts: Parts): Route => ({
  method: 'POST',
  path: '/api/upload-video/nemo_agent/:user/:session_id',
  endpoint: 'upload',
  scope: 'upload',
  target: ({ params }) => ({ sessionId: params['session_id'] ?? '' }),
  describe: (call, outcome) => ({
    kind: 'upload',
    session_id: call.params['session_id'] ?? '',
    form: formOf(call),
    files: [],
    ...outcome,
  }),
  answer: async (call) => {
    const session = findSessionFor(parts.world, call, call.params['session_id'] ?? '')
    if (session === null) return refuseByCode(1002)
    const received = await receive(parts, call, session)
    return Array.isArray(received) ? addToSession(parts, call, session.id, received) : (received as Refusal)
  },
})

const formOf = ({ request }: Call): 'multipart' | 'urls' => (request.isMultipart() ? 'multipart' : 'urls')

const receive = async (parts: Parts, call: SignedCall, session: Session): Promise<Media[] | Refusal> => {
  const limitBytes = call.faults.take('upload.limitBytes') ?? defaultLimitBytes
  const receiver = { store: parts.media, session, limitBytes }
  if (formOf(call) === 'multipart') return receiveFiles(receiver, call.request)
  const wanted = UrlsIn.safeParse(call.body)
  if (!wanted.success)
    return refuseByStatus(400, 'send files as multipart, or {"urls": […], "source_type": "url"}')
  return receiveUrls(receiver, wanted.data.urls)
}

/** Reads the session anew: while the bytes came in, a turn may have changed it. */
const addToSession = (
  { world }: Parts,
  call: SignedCall,
  sessionId: string,
  added: readonly Media[],
): Answer => {
  const session = world.get('sessions', sessionId)
  const state = world.get('states', sessionId)
  const infos = added.map(toMediaInfo)
  const unusedMediaIds = [...session.unusedMediaIds, ...added.map((media) => media.id)]
  world.commit({
    changes: [
      ...added.map((media) => ['media', media.id, media] as const),
      ['sessions', sessionId, { ...session, unusedMediaIds }],
      ['states', sessionId, { ...state, video_infos: [...state.video_infos, ...infos] }],
    ],
    ledger: [
      {
        kind: 'upload',
        verdict: 'accepted',
        user_id: call.account.userId,
        session_id: sessionId,
        form: formOf(call),
        files: added.map(({ id, filename, sizeBytes, sha256 }) => ({
          filename,
          media_id: id,
          size_bytes: sizeBytes,
          sha256,
        })),
      },
    ],
  })
  return success({ files: infos, session_state_applied: true })
}
