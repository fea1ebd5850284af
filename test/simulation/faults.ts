import type { Random } from './random.ts'

/** Which faults a run has, and how often; each seed draws its own mixture, so that rare combinations come up. */
export interface FaultProfile {
  /** No faults are begun after this time, so that every run can come to rest. */
  readonly untilMs: number
  /** Per point at which a process hands something out or gets something back. */
  readonly kill: number
  readonly pause: number
  /** Graceful stops in the whole run. */
  readonly stops: number
  readonly database: {
    readonly refuse: number
    readonly loseAnswer: number
    /** An answer takes up to seconds. */
    readonly slow: number
    readonly outages: number
  }
  readonly provider: {
    readonly refuse: number
    readonly lose: number
    readonly loseAnswer: number
    readonly failBefore: number
    readonly failAfter: number
    readonly limitRate: number
    readonly late: number
    readonly cutStream: number
    readonly holdStream: number
    readonly loseSession: number
    readonly refuseToken: number
    readonly failRender: number
    readonly truncate: number
    readonly slowToShow: number
    /** Does a generation end when its stream is dropped? */
    readonly cancelsOnDrop: boolean
    readonly chargesAtStart: boolean
  }
  readonly receiver: { readonly refuse: number; readonly loseAnswer: number; readonly fail: number }
  readonly bells: { readonly lose: number; readonly double: number }
  readonly cancel: number
  readonly redrive: number
}

export const drawFaults = (random: Random): FaultProfile => {
  const isCalm = random.chance(0.05)
  const draw = (probability: number, rates: readonly [number, ...number[]]): number =>
    !isCalm && random.chance(probability) ? random.pick(rates) : 0
  return {
    untilMs: random.between(60_000, 900_000),
    kill: draw(0.5, [0.002, 0.01, 0.03]),
    pause: draw(0.4, [0.002, 0.01, 0.02]),
    stops: isCalm ? 0 : random.pick([0, 0, 1, 2]),
    database: {
      refuse: draw(0.3, [0.01, 0.05]),
      loseAnswer: draw(0.4, [0.01, 0.05]),
      slow: random.pick([0.01, 0.01, 0.2]),
      outages: isCalm ? 0 : random.pick([0, 0, 0, 1, 2]),
    },
    provider: {
      refuse: draw(0.3, [0.02, 0.1]),
      lose: draw(0.3, [0.02, 0.1]),
      loseAnswer: draw(0.4, [0.02, 0.1, 0.3]),
      failBefore: draw(0.3, [0.02, 0.2]),
      failAfter: draw(0.3, [0.02, 0.1]),
      limitRate: draw(0.2, [0.02, 0.1]),
      late: draw(0.2, [0.05, 0.2]),
      cutStream: draw(0.4, [0.1, 0.5]),
      holdStream: draw(0.1, [0.1, 0.3]),
      loseSession: draw(0.2, [0.02, 0.1]),
      refuseToken: draw(0.2, [0.02, 0.05]),
      failRender: draw(0.2, [0.1, 0.4]),
      truncate: draw(0.2, [0.1, 0.4]),
      slowToShow: draw(0.4, [0.2, 0.5]),
      cancelsOnDrop: random.chance(0.3),
      chargesAtStart: random.chance(0.5),
    },
    bells: { lose: draw(0.3, [0.1, 0.3]), double: draw(0.3, [0.1, 0.3]) },
    cancel: isCalm ? 0 : random.pick([0, 0, 0.3, 0.8]),
    redrive: random.pick([0, 0.7]),
    receiver: { refuse: draw(0.3, [0.1]), loseAnswer: draw(0.3, [0.1]), fail: draw(0.3, [0.3]) },
  }
}
