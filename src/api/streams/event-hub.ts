/**
 * One reader of new events for all that wait for some in this process (architecture.md §6): however many clients
 * follow however many jobs, there is one query at a time. It runs only while somebody follows.
 */
import type { Clock } from '../../clock.ts'
import type { EventStore, EventTail, StoredEvent } from '../../store/job-events.ts'
import type { ApiLog } from '../deps.ts'

/** What one follower sees: batches of events in order, some of them perhaps a second time. */
export interface Follower {
  readonly tenantId: string
  /** Null: all jobs of the tenant, and only settled events (see `EventStore`). */
  readonly jobId: string | null
  onEvents(events: readonly StoredEvent[]): void
}

export interface EventHub {
  /** Once resolved, the follower misses nothing that is committed from then on. The function ends it. */
  follow(follower: Follower): Promise<() => void>
  /** Events may have been written: look now instead of at the next tick. */
  poke(): void
  close(): void
}

export interface EventHubOptions {
  readonly events: Pick<EventStore, 'readTail' | 'readTailStart'>
  readonly clock: Clock
  readonly log: ApiLog
  /** Between two looks while somebody follows. */
  readonly tickMs?: number
}

const defaultTickMs = 100
/** Between two looks, however often the hub is poked. A look of many pages is not hurried. */
const shortestRestMs = 5
const restAfterErrorMs = 1_000

export const createEventHub = (options: EventHubOptions): EventHub => {
  const { events, clock, log, tickMs = defaultTickMs } = options
  const followers = new Set<Follower>()
  let start: Promise<void> | null = null
  let looking: Promise<void> | null = null
  let fromXid = '0'
  let isPoked = false
  let pagesOfLook = 1
  let cancelTick = () => {}

  /** While an old transaction is open, all that came since is read anew each time: the longer, the longer the rest. */
  const look = async (): Promise<number> => {
    const ofJobs: StoredEvent[] = []
    let settledXid = fromXid
    pagesOfLook = 0
    for await (const tail of events.readTail({ xid: fromXid, ...wantedBy(followers) })) {
      handToFeeds(followers, tail)
      ofJobs.push(...ofFollowedJobs(followers, tail))
      settledXid = tail.settledXid
      pagesOfLook += 1
      if (followers.size === 0) break
    }
    handToJobs(followers, ofJobs)
    fromXid = settledXid
    return pagesOfLook * tickMs
  }

  const turn = async (): Promise<void> => {
    isPoked = false
    const restMs = await look().catch((error: unknown) => {
      log.warn({ err: error }, 'new events cannot be read')
      return restAfterErrorMs
    })
    looking = null
    schedule(isPoked && pagesOfLook <= 1 ? shortestRestMs : restMs)
  }

  const schedule = (ms: number): void => {
    cancelTick()
    if (followers.size === 0) start = null
    else
      cancelTick = clock.after(ms, () => {
        looking = turn()
      })
  }

  const begin = async (): Promise<void> => {
    fromXid = await events.readTailStart()
    schedule(tickMs)
  }

  const stopper = (follower: Follower) => () => {
    followers.delete(follower)
    if (followers.size === 0 && looking === null) schedule(0)
  }

  return {
    async follow(follower) {
      followers.add(follower)
      const stop = stopper(follower)
      try {
        start ??= begin()
        await start
        // A look under way was begun without this follower; what it skips must be in the follower's own reading.
        await looking
      } catch (error) {
        start = null
        stop()
        throw error
      }
      return stop
    },
    poke() {
      isPoked = true
      if (looking === null && start !== null && pagesOfLook <= 1) schedule(shortestRestMs)
    },
    close() {
      followers.clear()
      if (looking === null) schedule(0)
    },
  }
}

/** Beyond this many jobs it is cheaper to read what their tenants have than to name them all. */
const mostNamedJobs = 500

const wantedBy = (followers: ReadonlySet<Follower>) => {
  const tenantIds = new Set<string>()
  const jobIds = new Set<string>()
  let isFeedWanted = false
  for (const { tenantId, jobId } of followers) {
    tenantIds.add(tenantId)
    if (jobId === null) isFeedWanted = true
    else jobIds.add(jobId)
  }
  return {
    tenantIds: [...tenantIds],
    jobIds: isFeedWanted || jobIds.size > mostNamedJobs ? null : [...jobIds],
  }
}

/** A feed's events go out once they are settled, in the order of the feed. */
const handToFeeds = (followers: ReadonlySet<Follower>, { events, settledXid }: EventTail): void => {
  const isSettled = ({ cursor }: StoredEvent) => BigInt(cursor.xid) < BigInt(settledXid)
  const byTenant = Map.groupBy(events.filter(isSettled), ({ tenantId }) => tenantId)
  for (const follower of [...followers]) {
    const batch = follower.jobId === null ? byTenant.get(follower.tenantId) : undefined
    if (batch !== undefined) follower.onEvents(batch)
  }
}

const ofFollowedJobs = (followers: ReadonlySet<Follower>, { events }: EventTail): StoredEvent[] => {
  const jobIds = new Set([...followers].map((follower) => follower.jobId))
  return events.filter(({ jobId }) => jobId !== null && jobIds.has(jobId))
}

/**
 * A job's events go out as soon as they are committed, by number: their order by transaction may differ, also over
 * the pages of a look, which is why they wait for the last one.
 */
const handToJobs = (followers: ReadonlySet<Follower>, events: readonly StoredEvent[]): void => {
  const byJob = Map.groupBy(events, ({ jobId }) => jobId)
  for (const batch of byJob.values()) batch.sort((left, right) => left.seq - right.seq)
  for (const follower of [...followers]) {
    const batch = follower.jobId === null ? undefined : byJob.get(follower.jobId)
    if (batch?.[0]?.tenantId === follower.tenantId) follower.onEvents(batch)
  }
}
