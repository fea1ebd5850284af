/** What was said in a conversation, oldest first; what a job answers is what became of it (api.md §2). */
import { isFinished } from '../job/lifecycle.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { JobStore } from '../store/jobs.ts'
import type { SessionRecord, SessionStore, SpokenMessage } from '../store/sessions.ts'
import { replyOfJob, tongueOf } from './conversation-words.ts'

export interface ReadMessagesDeps {
  readonly sessions: Pick<SessionStore, 'listMessages'>
  readonly jobs: Pick<JobStore, 'list'>
}

/** At most `limit` messages after number `after`. A reply that is still to come, or was erased, has no text. */
export const readMessages = async (
  { sessions, jobs }: ReadMessagesDeps,
  session: SessionRecord,
  page: { readonly limit: number; readonly after: number },
): Promise<SpokenMessage[]> => {
  const { tenantId, id: sessionId } = session
  const messages = await sessions.listMessages({ tenantId, sessionId }, page)
  const ids = messages.flatMap(({ text, jobId }) => (text === null && jobId !== null ? [jobId] : []))
  const found = ids.length === 0 ? [] : await jobs.list(tenantId, { ids }, { limit: ids.length, after: null })
  const byId = new Map(found.map((job) => [job.id, job]))
  return messages.map((message) => {
    const job = message.text === null ? byId.get(message.jobId ?? '') : undefined
    return job === undefined || !isFinished(job.state) ? message : withReply(session, message, job)
  })
}

/** A request to export has no prompt: its job knows in which language it was made. */
const withReply = (session: SessionRecord, message: SpokenMessage, job: JobRecord): SpokenMessage => ({
  ...message,
  text: replyOfJob(job, tongueOf(session.language ?? job.language, job.prompt)),
  at: job.finishedAt ?? message.at,
})
