/**
 * The answer to a message of a conversation, as a stream: what happens to its job, a note now and then while nothing
 * does, and at the end the same body that a client without a stream reads (api.md §2).
 */
import type { Clock } from '../../clock.ts'
import type { EventStream } from './event-stream.ts'
import { type FollowDeps, followJob } from './follow-job.ts'

export interface FollowAnswerDeps extends FollowDeps {
  readonly clock: Clock
}

export interface FollowedAnswer {
  readonly tenantId: string
  readonly jobId: string
  /** What was answered when the message was accepted. */
  readonly accepted: object
  /** The answer once the job has ended; null when the job is gone. */
  readonly showEnd: () => Promise<object | null>
  /** Said while the provider is silent. */
  readonly note: string
  /** The end could not be shown. */
  readonly onError: (error: unknown) => void
}

/** As often as the skills tell people that a generation, which is silent for minutes, still goes on. */
const noteEveryMs = 120_000

export const answerFrame = (event: 'accepted' | 'note' | 'done', body: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(body)}\n\n`

export const followAnswer = async (
  deps: FollowAnswerDeps,
  stream: EventStream,
  { tenantId, jobId, accepted, showEnd, note, onError }: FollowedAnswer,
): Promise<void> => {
  let cancelNote = () => {}
  let isEnding = false
  const awaitNote = (): void => {
    cancelNote()
    cancelNote = deps.clock.after(noteEveryMs, () => {
      if (stream.send(answerFrame('note', { text: note }))) awaitNote()
    })
  }
  const end = async (): Promise<void> => {
    const body = await showEnd()
    if (body !== null) stream.send(answerFrame('done', body))
  }
  stream.onClose(() => cancelNote())
  stream.send(answerFrame('accepted', accepted))
  awaitNote()
  await followJob(
    deps,
    stream,
    { tenantId, jobId, after: 0 },
    {
      onSent: awaitNote,
      onEnd() {
        if (isEnding) return
        isEnding = true
        cancelNote()
        void end()
          .catch(onError)
          .finally(() => stream.end())
      },
    },
  )
}
