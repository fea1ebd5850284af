import { type FollowOptions, followStream } from './follow.ts'
import type { FeedGap, JobEvent, JobEventType } from './shapes.ts'
import type { Transport } from './transport.ts'

export interface FeedEvent extends JobEvent {
  /** Goes on behind this event when it is given as `after`. Keep it with what you did. */
  readonly cursor: string
}

export interface FeedOptions extends FollowOptions {
  /** Behind this cursor; from the oldest event when left out. */
  readonly after?: string
  /** Only these. */
  readonly types?: readonly JobEventType[]
  /** Between two cursors events are gone, of whatever type: their retention is over. From null: from the beginning. */
  readonly onGap?: (gap: FeedGap) => void
}

/** What happens to all jobs of the tenant. Never ends by itself. */
export type Feed = (options?: FeedOptions) => AsyncGenerator<FeedEvent, void, undefined>

export const createFeed =
  ({ open }: Transport): Feed =>
  ({ after, types, onGap, ...options } = {}) => {
    let cursor = after
    let gapTo: string | null = null
    return followStream<FeedEvent>({
      ...options,
      isOver: () => false,
      open() {
        const query = new URLSearchParams({
          ...(cursor !== undefined && { after: cursor }),
          ...(types && { type: types.join(',') }),
        })
        return open(`/v1/events?${query}`, {
          headers: { accept: 'text/event-stream' },
          signal: options.signal,
        })
      },
      read(message) {
        if (message.event === 'gap') {
          const gap = JSON.parse(message.data) as FeedGap
          // Until an event from behind it has come, each new connection tells of it.
          if (gap.to !== gapTo) onGap?.(gap)
          gapTo = gap.to
          return null
        }
        if (message.id === undefined) return null
        cursor = message.id
        return { ...(JSON.parse(message.data) as JobEvent), cursor }
      },
    })
  }
