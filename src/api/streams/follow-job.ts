import { isTerminalEvent } from '../../job/events.ts'
import type { EventStore, StoredEvent } from '../../store/job-events.ts'
import { toEventOut } from '../schemas/event-out.ts'
import type { EventHub } from './event-hub.ts'
import type { EventStream } from './event-stream.ts'

export interface FollowDeps {
  readonly events: Pick<EventStore, 'listOfJob' | 'listFeed'>
  readonly hub: EventHub
}

const replayPage = 200
/** What may come while a client still reads what is stored; beyond it the client reads too slowly. */
export const maxHeldEvents = 2_000

/** The frame of an event in its job's own stream. */
const jobFrame = (event: StoredEvent): string =>
  `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(toEventOut(event))}\n\n`

/** Says which events are gone because their retention is over. */
const gapFrame = (from: number, to: number): string =>
  `id: ${to}\nevent: gap\ndata: ${JSON.stringify({ from, to })}\n\n`

export interface JobListener {
  /** An event was sent. */
  onSent(): void
  /** The job has ended, and all that happened to it was sent: the stream is the listener's to end. */
  onEnd(): void
}

/**
 * Sends a job's events from the one after `after`: what is stored, then what comes, until the job has ended. A stream
 * that starts at or behind an ending goes on with the redrive that may follow.
 */
export const followJob = async (
  { events, hub }: FollowDeps,
  stream: EventStream,
  { tenantId, jobId, after }: { readonly tenantId: string; readonly jobId: string; readonly after: number },
  { onSent, onEnd }: JobListener = { onSent: () => undefined, onEnd: () => stream.end() },
): Promise<void> => {
  let last = after
  let isEnded = false
  let held: StoredEvent[] | null = []

  const send = (event: StoredEvent): void => {
    if (event.seq <= last) return
    if (event.seq > last + 1) stream.send(gapFrame(last + 1, event.seq - 1))
    stream.send(jobFrame(event))
    last = event.seq
    isEnded = isTerminalEvent(event.type)
    onSent()
  }

  const onEvents = (batch: readonly StoredEvent[]): void => {
    if (stream.isClosed) return
    if (held === null) batch.forEach(send)
    else held.push(...batch)
    if (held !== null && held.length > maxHeldEvents) {
      held = []
      stream.drop()
    }
    if (held === null && isEnded) onEnd()
  }

  stream.onClose(await hub.follow({ tenantId, jobId, onEvents }))
  for (;;) {
    const page = await events.listOfJob(jobId, { after: last, limit: replayPage })
    for (const event of page) {
      send(event)
      if (!(await stream.whenDrained())) return
    }
    if (page.length < replayPage) break
  }
  const missed = held
  held = null
  onEvents(missed)
}
