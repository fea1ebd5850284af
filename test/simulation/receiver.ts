import { verifyCallback } from '../../src/callbacks/signature.ts'
import { isTerminalEvent } from '../../src/job/events.ts'
import type { Database } from './database.ts'
import { epochMs } from './process.ts'
import type { World } from './world.ts'

export const receiverSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** Whoever the callbacks are for: takes them in or fails, and holds I4 and I5 of guarantees.md §0 against them. */
export interface Receiver {
  /** The status that it answers with. */
  take(url: string, headers: Readonly<Record<string, string>>, body: Buffer): number
  /** At the end, when nothing is under way any more. */
  atRest(): void
}

interface Call {
  readonly id: string | undefined
  readonly body: string
}

export const createReceiver = (world: World, database: () => Database): Receiver => {
  const { scheduler, random, faults } = world
  const firstCalls = new Map<string, Call>()
  const takenIds = new Set<string>()
  return {
    take(url, headers, body) {
      world.count('callbacks')
      const verdict = verifyCallback({
        headers,
        body,
        keys: [receiverSecret],
        nowMs: epochMs + scheduler.nowMs,
      })
      if (verdict.outcome === 'rejected')
        world.violate('I5', `a callback to ${url} cannot be verified: ${verdict.reason}`)
      const call: Call = { id: headers['webhook-id'], body: body.toString('utf8') }
      const first = firstCalls.get(url) ?? call
      firstCalls.set(url, first)
      if (call.id !== first.id)
        world.violate('I4', `the event of ${url} came as ${first.id} and as ${call.id}`)
      if (call.body !== first.body)
        world.violate('I5', `${call.id} came with another body: ${call.body} after ${first.body}`)
      if (scheduler.nowMs < faults.untilMs && random.chance(faults.receiver.fail)) return 503
      takenIds.add(String(call.id))
      return 204
    },
    atRest() {
      const { events, deliveries } = database()
      for (const [jobId, log] of events)
        for (const { seq, type } of log) {
          if (!isTerminalEvent(type)) continue
          const delivery = deliveries.find(({ job_id, event_seq }) => job_id === jobId && event_seq === seq)
          if (delivery === undefined || !takenIds.has(delivery.event_id))
            world.violate('I5', `nobody was told of ${type} of ${jobId}`)
        }
    },
  }
}
