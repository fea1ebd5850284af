import type { FeedCursor } from '../../store/job-events.ts'

/** The cursor of the feed as clients see it: opaque, and safe in a URL and in an SSE id. */
export const formatFeedCursor = ({ xid, feedId }: FeedCursor): string =>
  Buffer.from(`${xid}.${feedId}`).toString('base64url')

const cursorShape = /^(\d{1,20})\.(\d{1,15})$/

/** The cursor that a client gave back, or null when it is none of ours. */
export const parseFeedCursor = (text: string): FeedCursor | null => {
  const [, xid, feedId] = cursorShape.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
  return xid === undefined || feedId === undefined || BigInt(xid) >= 2n ** 64n
    ? null
    : { xid, feedId: Number(feedId) }
}
