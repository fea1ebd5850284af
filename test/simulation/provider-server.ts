import type { Credits, RenderStatus, SessionState } from '../../src/providers/provider.ts'
import type { World } from './world.ts'

/** A message as it arrived at the provider, and what it did there: the ledger that the invariants read. */
export interface Generation {
  readonly jobId: string
  readonly messageNo: number
  /** The job's attempt when the message left. */
  readonly attempt: number
  readonly sessionId: string
  readonly acceptedAtMs: number
  readonly endsAtMs: number
  /** Null for a turn that changes nothing. */
  readonly effect: string | null
  showsAtMs: number
  /** A raw clip shows so long before the whole effect; 0 where it comes at once. */
  readonly rawMs: number
  readonly price: number
  charged: number
  isOver: boolean
  isCanceled: boolean
}

export interface ProviderSessionModel {
  readonly id: string
  readonly jobId: string
  readonly media: string[]
  isLost: boolean
}

interface RenderModel {
  readonly id: string
  readonly sessionId: string
  readonly effects: readonly string[]
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly fails: boolean
  isCanceled: boolean
}

export interface MessagePlan {
  readonly rawMs: number
  readonly durationMs: number
  readonly showsAfterMs: number
  readonly hasEffect: boolean
  readonly price: number
}

/** The provider's side of the contract: sessions, generations, renders, one account with its credits. */
export interface ProviderServer {
  readonly ledger: Generation[]
  readonly sessions: Map<string, ProviderSessionModel>
  readonly renders: Map<string, RenderModel>
  /** The token that is good now. */
  token: string
  createSession(jobId: string): string
  addMedia(sessionId: string, name: string): void
  accept(
    message: Pick<Generation, 'jobId' | 'messageNo' | 'attempt' | 'sessionId'>,
    plan: MessagePlan,
  ): Generation
  /** The stream of a generation is gone; that may end it. */
  drop(generation: Generation): void
  look(sessionId: string): SessionState
  balance(): Credits
  submitRender(id: string, sessionId: string, effects: readonly string[]): 'submitted' | 'duplicate'
  readRender(id: string): RenderStatus
  cancelRender(id: string): void
}

const firstCredits = 100_000
/** What shows for longer on the way cannot be exported until it is done: two looks could not tell it from the end. */
const longestReadyRawMs = 10_000

export const createProviderServer = (world: World): ProviderServer => {
  const { scheduler, random, faults } = world
  const ledger: Generation[] = []
  const sessions = new Map<string, ProviderSessionModel>()
  const renders = new Map<string, RenderModel>()
  let sessionNo = 0
  let available = firstCredits
  let frozen = 0

  /** What shows on the way: fingerprints see it, and nobody may take it for the end. */
  const rawOf = (sessionId: string): Generation[] =>
    ledger.filter(
      (one) =>
        one.sessionId === sessionId &&
        one.effect !== null &&
        !one.isOver &&
        one.rawMs > 0 &&
        one.endsAtMs - one.rawMs <= scheduler.nowMs,
    )

  const effectsOf = (sessionId: string): string[] =>
    ledger
      .filter(
        (one) =>
          one.sessionId === sessionId &&
          one.effect !== null &&
          one.isOver &&
          !one.isCanceled &&
          one.showsAtMs <= scheduler.nowMs,
      )
      .map(({ effect }) => String(effect))

  const charge = (generation: Generation): void => {
    if (faults.provider.chargesAtStart) return
    frozen -= generation.price
    generation.charged = generation.price
  }

  const finish = (generation: Generation): void => {
    if (generation.isOver) return
    generation.isOver = true
    charge(generation)
    world.trace(`provider: ${generation.effect ?? 'a turn without effect'} is over`)
  }

  return {
    ledger,
    sessions,
    renders,
    token: 'token-1',
    createSession(jobId) {
      sessionNo += 1
      const id = `ses-${sessionNo}`
      sessions.set(id, { id, jobId, media: [], isLost: false })
      return id
    },
    addMedia(sessionId, name) {
      sessions.get(sessionId)?.media.push(name)
    },
    accept(message, { durationMs, rawMs, showsAfterMs, hasEffect, price }) {
      const { nowMs } = scheduler
      const generation: Generation = {
        ...message,
        acceptedAtMs: nowMs,
        endsAtMs: nowMs + durationMs,
        effect: hasEffect ? `effect ${message.jobId}/${message.messageNo}/${ledger.length}` : null,
        showsAtMs: nowMs + durationMs + showsAfterMs,
        rawMs,
        price,
        charged: faults.provider.chargesAtStart ? price : 0,
        isOver: false,
        isCanceled: false,
      }
      available -= price
      if (!faults.provider.chargesAtStart) frozen += price
      ledger.push(generation)
      scheduler.at(durationMs, () => finish(generation))
      return generation
    },
    drop(generation) {
      if (generation.isOver || !faults.provider.cancelsOnDrop) return
      generation.isOver = true
      generation.isCanceled = true
      world.trace(`provider: ${generation.effect} is canceled with its stream`)
      if (faults.provider.chargesAtStart) return
      frozen -= generation.price
      available += generation.price
    },
    look(sessionId) {
      const session = sessions.get(sessionId)
      const raw = rawOf(sessionId)
      const effects = [...effectsOf(sessionId), ...raw.map(({ effect }) => `raw ${effect}`)]
      return {
        draft: effects.length === 0 ? null : { effects },
        fingerprint: [...(session?.media ?? []), ...effects].join('|'),
        isExportable: effects.length > 0 && raw.every(({ rawMs }) => rawMs <= longestReadyRawMs),
        tracks: [],
        timelineLine: effects.length === 0 ? null : `${effects.length} effects`,
        media: (session?.media ?? []).map((filename) => ({
          filename,
          kind: 'video',
          url: null,
          hash: null,
          durationMs: null,
          width: null,
          height: null,
        })),
        userId: null,
      }
    },
    balance: () => ({ available, frozen, total: available + frozen }),
    submitRender(id, sessionId, effects) {
      if (renders.has(id)) return 'duplicate'
      const startsAtMs = scheduler.nowMs + random.between(0, 5_000)
      renders.set(id, {
        id,
        sessionId,
        effects,
        startsAtMs,
        endsAtMs: startsAtMs + random.between(1_000, 60_000),
        fails: scheduler.nowMs < faults.untilMs && random.chance(faults.provider.failRender),
        isCanceled: false,
      })
      return 'submitted'
    },
    readRender(id) {
      const render = renders.get(id)
      if (render === undefined) return { status: 'unknown' }
      if (render.isCanceled) return { status: 'canceled', reason: 'canceled' }
      if (scheduler.nowMs < render.startsAtMs) return { status: 'pending', progressPercent: 5 }
      if (scheduler.nowMs < render.endsAtMs) return { status: 'processing', progressPercent: 50 }
      return render.fails
        ? { status: 'failed', reason: 'out of memory' }
        : { status: 'completed', url: random.chance(0.9) ? `https://cdn/${id}` : null }
    },
    cancelRender(id) {
      const render = renders.get(id)
      if (render !== undefined && scheduler.nowMs < render.endsAtMs) render.isCanceled = true
    },
  }
}
