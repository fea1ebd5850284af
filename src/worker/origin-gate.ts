/** How many calls one receiver gets at a time, so that a slow or dead one takes little from the others. */
import type { Clock } from '../clock.ts'

export interface OriginGate {
  /**
   * Takes a place with the URL's origin and returns how to leave it. While all are taken it waits in a short line,
   * which only a receiver has that answers quickly; null when it need not wait any longer.
   */
  enter(url: string): Promise<(() => void) | null>
}

export interface OriginGateOptions {
  readonly clock: Clock
  readonly placesPerOrigin: number
}

/** The longest wait in a line. A receiver that has kept a call for longer has no line at all. */
const longestWaitMs = 500
const longestLine = 64

interface Visit {
  readonly enteredMs: number
}

interface Origin {
  /** In the order of their coming. */
  readonly visits: Set<Visit>
  readonly line: Set<() => void>
}

export const createOriginGate = ({ clock, placesPerOrigin }: OriginGateOptions): OriginGate => {
  const origins = new Map<string, Origin>()

  const visit = (name: string, origin: Origin): (() => void) => {
    const visit: Visit = { enteredMs: clock.monotonicMs() }
    origin.visits.add(visit)
    return () => {
      if (!origin.visits.delete(visit)) return
      const [next] = origin.line
      if (next !== undefined) next()
      else if (origin.visits.size === 0) origins.delete(name)
    }
  }

  const hasLine = ({ visits, line }: Origin): boolean => {
    const [oldest] = visits
    const isMoving = oldest === undefined || clock.monotonicMs() - oldest.enteredMs <= longestWaitMs
    return isMoving && line.size < longestLine
  }

  const waitInLine = (name: string, origin: Origin): Promise<(() => void) | null> =>
    new Promise((resolve) => {
      const leaveLine = (settle: () => void) => () => {
        cancelTimer()
        origin.line.delete(takeTurn)
        settle()
      }
      const takeTurn = leaveLine(() => resolve(visit(name, origin)))
      const cancelTimer = clock.after(
        longestWaitMs,
        leaveLine(() => resolve(null)),
      )
      origin.line.add(takeTurn)
    })

  return {
    enter(url) {
      const name = URL.canParse(url) ? new URL(url).origin : url
      const origin = origins.get(name) ?? { visits: new Set(), line: new Set() }
      origins.set(name, origin)
      if (origin.visits.size < placesPerOrigin) return Promise.resolve(visit(name, origin))
      return hasLine(origin) ? waitInLine(name, origin) : Promise.resolve(null)
    },
  }
}
