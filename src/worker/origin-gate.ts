/** How many calls one receiver gets at a time, so that a slow or dead one takes little from the others. */
import type { OriginEntry } from '../actions/deliver-callback.ts'
import type { Clock } from '../clock.ts'

export interface OriginGate {
  /**
   * Takes a place with the URL's origin. While all are taken it waits in a short line, which only a receiver has that
   * answers quickly; whoever need not wait any longer is sent away.
   */
  enter(url: string): Promise<OriginEntry>
}

export interface OriginGateOptions {
  readonly clock: Clock
  readonly placesPerOrigin: number
  /** When so many calls are under way, an origin that has a place gets no other one: many that hang would take them all. */
  readonly crowdedFrom: number
}

/** The longest wait in a line. A receiver that has kept a call for longer has no line at all. */
const longestWaitMs = 500
const longestLine = 64

/** Between being sent away and coming again. */
const againMs = { least: 2_000, most: 120_000 }

interface Visit {
  readonly enteredMs: number
}

interface Origin {
  /** In the order of their coming. */
  readonly visits: Set<Visit>
  readonly line: Set<() => void>
  /** When all that were sent away could have had a place, one after the other. */
  turnMs: number
}

export const createOriginGate = ({ clock, placesPerOrigin, crowdedFrom }: OriginGateOptions): OriginGate => {
  const origins = new Map<string, Origin>()
  let visitCount = 0

  const placesOfEach = (): number => (visitCount < crowdedFrom ? placesPerOrigin : 1)

  const visit = (name: string, origin: Origin): OriginEntry => {
    const visit: Visit = { enteredMs: clock.monotonicMs() }
    origin.visits.add(visit)
    visitCount += 1
    return {
      leave() {
        if (!origin.visits.delete(visit)) return
        visitCount -= 1
        const [next] = origin.line
        if (next !== undefined && origin.visits.size < placesOfEach()) next()
        else if (origin.visits.size === 0) origins.delete(name)
      },
    }
  }

  /** For how long the receiver has kept the oldest of its calls. */
  const keepsMs = ({ visits }: Origin): number => {
    const [oldest] = visits
    return oldest === undefined ? 0 : clock.monotonicMs() - oldest.enteredMs
  }

  const hasLine = (origin: Origin): boolean =>
    keepsMs(origin) <= longestWaitMs && origin.line.size < longestLine

  /**
   * Everyone who is sent away moves the turn of the next one back, by as long as a place takes to come free: those of a
   * quick receiver come again at once, thousands of a hanging one ever more rarely. Half of the way to the turn, because
   * it is better to be sent away again than to leave a place empty.
   */
  const sendAway = (origin: Origin): OriginEntry => {
    const nowMs = clock.monotonicMs()
    const turnMs = Math.max(nowMs, origin.turnMs) + keepsMs(origin) / placesOfEach()
    origin.turnMs = Math.min(turnMs, nowMs + 2 * againMs.most)
    return { againInMs: Math.max(againMs.least, (origin.turnMs - nowMs) / 2) }
  }

  const waitInLine = (name: string, origin: Origin): Promise<OriginEntry> =>
    new Promise((resolve) => {
      const leaveLine = (settle: () => void) => () => {
        cancelTimer()
        origin.line.delete(takeTurn)
        settle()
      }
      const takeTurn = leaveLine(() => resolve(visit(name, origin)))
      const cancelTimer = clock.after(
        longestWaitMs,
        leaveLine(() => resolve(sendAway(origin))),
      )
      origin.line.add(takeTurn)
    })

  return {
    enter(url) {
      const name = URL.canParse(url) ? new URL(url).origin : url
      const origin = origins.get(name) ?? { visits: new Set(), line: new Set(), turnMs: 0 }
      origins.set(name, origin)
      if (origin.visits.size < placesOfEach()) return Promise.resolve(visit(name, origin))
      return hasLine(origin) ? waitInLine(name, origin) : Promise.resolve(sendAway(origin))
    },
  }
}
