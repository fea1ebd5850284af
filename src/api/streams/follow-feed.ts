import type { FeedCursor, StoredEvent } from '../../store/job-events.ts'
import { toEventOut, toFeedGap } from '../schemas/event-out.ts'
import type { EventStream } from './event-stream.ts'
import { formatFeedCursor } from './feed-cursor.ts'
import { type FollowDeps, maxHeldEvents } from './follow-job.ts'

const replayPage = 200

const feedFrame = (event: StoredEvent): string =>
  `id: ${formatFeedCursor(event.cursor)}\nevent: ${event.type}\ndata: ${JSON.stringify(toEventOut(event))}\n\n`

/** Says that events are gone because their retention is over. What is left of them follows, so it moves no cursor. */
const gapFrame = (from: FeedCursor | null, to: FeedCursor): string => {
  const gap = toFeedGap(from, to)
  const id = gap.from === null ? '' : `id: ${gap.from}\n`
  return `${id}event: gap\ndata: ${JSON.stringify(gap)}\n\n`
}

const isAfter = (left: FeedCursor, right: FeedCursor | null): boolean => {
  if (right === null) return true
  const [leftXid, rightXid] = [BigInt(left.xid), BigInt(right.xid)]
  return leftXid > rightXid || (leftXid === rightXid && left.feedId > right.feedId)
}

/** Sends a tenant's events from the one after the cursor, of the given types: what is stored, then what comes. */
export const followFeed = async (
  { events, hub }: FollowDeps,
  stream: EventStream,
  feed: {
    readonly tenantId: string
    readonly after: FeedCursor | null
    readonly types: readonly string[] | null
  },
): Promise<void> => {
  const { tenantId, types } = feed
  let last = feed.after
  let toldTo: FeedCursor | null = null
  let held: StoredEvent[] | null = []

  const send = (event: StoredEvent): void => {
    if (!isAfter(event.cursor, last)) return
    last = event.cursor
    if (types === null || types.includes(event.type)) stream.send(feedFrame(event))
  }

  const onEvents = (batch: readonly StoredEvent[]): void => {
    if (stream.isClosed) return
    if (held === null) batch.forEach(send)
    else held.push(...batch)
    if (held !== null && held.length > maxHeldEvents) {
      held = []
      stream.drop()
    }
  }

  stream.onClose(await hub.follow({ tenantId, jobId: null, onEvents }))
  for (;;) {
    const page = await events.listFeed(tenantId, { after: last, types, limit: replayPage })
    if (page.gapTo !== null && isAfter(page.gapTo, toldTo)) {
      stream.send(gapFrame(last, page.gapTo))
      toldTo = page.gapTo
    }
    for (const event of page.events) {
      send(event)
      if (!(await stream.whenDrained())) return
    }
    if (!page.isCut) break
  }
  const missed = held
  held = null
  onEvents(missed)
}
