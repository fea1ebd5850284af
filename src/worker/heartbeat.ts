import type { Clock } from '../clock.ts'
import type { Lease, LeaseBook, StopReason } from '../job/leases.ts'
import type { Writer } from '../store/writer.ts'
import type { Telemetry } from '../telemetry.ts'

export interface HeartbeatDeps {
  readonly writer: Writer
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly leaseMs: number
}

/** Keeps the leases of this process, all in one statement a beat (guarantees.md §2.1-1). */
export interface Heartbeat extends LeaseBook {
  readonly held: number
  /** Does any holder work on that stage? */
  isIn(stage: string): boolean
  /**
   * Renews now; whoever knows of a cancel need not wait for the next beat. A renewal that is under way may have looked
   * before it, and is followed by another one.
   */
  beat(): Promise<void>
  /** Every holder is told to stop; one in a `spared` stage only after that stage. */
  stopHolders(spared: readonly string[]): void
  stop(): void
}

interface HeldLease {
  readonly jobId: string
  readonly epoch: number
  readonly controller: AbortController
  stage: string
  /** Until when the lease is certainly ours, on the monotonic clock. */
  heldUntilMs: number
  cancelExpiry: () => void
  stopReason: StopReason | null
}

export const startHeartbeat = ({ writer, clock, telemetry, leaseMs }: HeartbeatDeps): Heartbeat => {
  const leases = new Map<string, HeldLease>()
  const renewEveryMs = leaseMs / 3
  // Counted from before the request, so that our time always ends before the database's.
  const certainMs = (leaseMs * 5) / 6
  let isStopped = false
  let stopsNewHolders = false
  let cancelTimer: () => void = () => undefined
  let beating: Promise<void> | null = null
  let next: Promise<void> | null = null

  const tellToStop = (lease: HeldLease, reason: StopReason): void => {
    if (lease.stopReason === 'lost') return
    lease.stopReason = reason
    lease.controller.abort(reason)
  }

  const renew = async (): Promise<void> => {
    // Who was told that the lease is lost will not use it: it must run out, so that somebody else may take over.
    const asked = [...leases.values()].filter(({ stopReason }) => stopReason !== 'lost')
    if (asked.length === 0) return
    const askedMs = clock.monotonicMs()
    const { lost, canceled } = await writer.renewLeases(asked.map(({ jobId, epoch }) => ({ jobId, epoch })))
    const isLost = new Set(lost)
    const isCanceled = new Set(canceled)
    for (const lease of asked) {
      // A job may have been let go, and even taken again, while the answer was on its way.
      if (leases.get(lease.jobId) !== lease) continue
      if (isLost.has(lease.jobId)) tellToStop(lease, 'lost')
      else lease.heldUntilMs = askedMs + certainMs
      if (isCanceled.has(lease.jobId)) tellToStop(lease, 'canceled')
    }
  }

  /** Tells the holder at the very moment from which the lease is no longer certain. */
  const watch = (lease: HeldLease): void => {
    lease.cancelExpiry = clock.after(lease.heldUntilMs - clock.monotonicMs(), () => {
      if (clock.monotonicMs() >= lease.heldUntilMs) tellToStop(lease, 'lost')
      else watch(lease)
    })
  }

  const forget = (lease: HeldLease): void => {
    lease.cancelExpiry()
    if (leases.get(lease.jobId) === lease) leases.delete(lease.jobId)
  }

  const beat = (): Promise<void> => {
    if (beating !== null) {
      next ??= beating.then(() => {
        next = null
        return isStopped ? undefined : beat()
      })
      return next
    }
    beating = renew()
      .catch((error: unknown) => telemetry.state('heartbeat.failed', { error, leases: leases.size }))
      .finally(() => {
        beating = null
      })
    return beating
  }

  const tick = (): void => {
    if (beating === null) void beat()
    if (!isStopped) cancelTimer = clock.after(renewEveryMs, tick)
  }
  cancelTimer = clock.after(renewEveryMs, tick)

  return {
    get held() {
      return leases.size
    },
    isIn: (stage) => [...leases.values()].some((lease) => lease.stage === stage),
    beat,
    take(jobId, epoch, sinceMs) {
      const lease: HeldLease = {
        jobId,
        epoch,
        controller: new AbortController(),
        stage: '',
        heldUntilMs: sinceMs + certainMs,
        cancelExpiry: () => undefined,
        stopReason: null,
      }
      const earlier = leases.get(jobId)
      // We hold it anew, so whoever held it here before has lost it.
      if (earlier !== undefined) tellToStop(earlier, 'lost')
      leases.set(jobId, lease)
      watch(lease)
      if (stopsNewHolders) tellToStop(lease, 'stopping')
      return toLease(lease, clock, () => forget(lease))
    },
    stopHolders(spared) {
      stopsNewHolders = true
      for (const lease of leases.values()) {
        lease.stopReason ??= 'stopping'
        // A spared stage runs to its end; what is read there keeps the next one from being begun.
        if (!spared.includes(lease.stage)) lease.controller.abort(lease.stopReason)
      }
    },
    stop() {
      isStopped = true
      cancelTimer()
    },
  }
}

const toLease = (lease: HeldLease, clock: Clock, end: () => void): Lease => ({
  signal: lease.controller.signal,
  get stopReason() {
    return lease.stopReason
  },
  isHeld: () => lease.stopReason !== 'lost' && clock.monotonicMs() < lease.heldUntilMs,
  enterStage(stage) {
    lease.stage = stage
  },
  end,
})
