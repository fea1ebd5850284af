import type { Process } from './process.ts'
import type { World } from './world.ts'

/** What becomes of a request on its way: decided when it leaves. */
export type Fate =
  | 'fine'
  /** It never leaves. */
  | 'refused'
  /** It leaves and never arrives. */
  | 'lost'
  /** It arrives and is acted upon; the answer gets lost. */
  | 'answer_lost'

export interface Exchange<T> {
  readonly name: string
  readonly fate: Fate
  readonly outMs: number
  readonly backMs: number
  /** The other side acts. What it throws is its answer. */
  readonly act: () => T
  /** What the caller sees when no answer comes. */
  readonly toError: (fate: Exclude<Fate, 'fine'>) => unknown
  readonly signal?: AbortSignal
  readonly toAbortError?: () => unknown
}

/** A new one each time: what waits on it is forgotten with it. */
const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

/**
 * One request and its answer between a process and another. A request that has left is acted upon whether its sender
 * still lives or not; what comes back to a dead process is lost.
 */
export const exchange = <T>(world: World, process: Process, request: Exchange<T>): Promise<T> => {
  const { scheduler } = world
  const { name, fate, outMs, backMs, act, toError, signal } = request
  if (!process.isAlive) return never()
  if (signal?.aborted) return Promise.reject(request.toAbortError?.() ?? signal.reason)
  process.touch(`${name} leaves`)
  // A process that dies while it writes may have written or not.
  if (!process.isAlive && world.random.chance(0.5)) return never()

  return new Promise<T>((resolve, reject) => {
    const answer = (deliver: () => void): void => {
      process.touch(`${name} is answered`)
      process.deliver(deliver)
    }
    if (signal !== undefined) {
      world.onAbort(signal, () => reject(request.toAbortError?.() ?? signal.reason))
    }
    if (fate === 'refused') {
      scheduler.at(outMs, () => answer(() => reject(toError(fate))))
      return
    }
    scheduler.at(outMs, () => {
      const acted = fate === 'lost' ? null : tryActing(act)
      scheduler.at(backMs, () =>
        answer(() => {
          if (fate !== 'fine') reject(toError(fate))
          else if (acted?.isOk) resolve(acted.value)
          else reject(acted?.error)
        }),
      )
    })
  })
}

type Acted<T> = { readonly isOk: true; readonly value: T } | { readonly isOk: false; readonly error: unknown }

const tryActing = <T>(act: () => T): Acted<T> => {
  try {
    return { isOk: true, value: act() }
  } catch (error) {
    return { isOk: false, error }
  }
}
