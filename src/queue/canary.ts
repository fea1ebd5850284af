import { randomUUID } from 'node:crypto'
import type { BullQueue } from './connection.ts'

/** The name of a bell that stands for no row: that it is heard is all there is to it. */
export const canaryName = 'canary'

/** Tries the whole way from ringing to hearing. Whoever listens hears a canary, and nobody does anything about it. */
export interface Canary {
  /** Resolves with its id once it is in the queue. */
  ring(): Promise<string>
  /** Nobody has taken it, although nothing keeps anybody from it. */
  isWaiting(id: string): Promise<boolean>
}

export const openCanary = (queueOf: () => Promise<BullQueue>): Canary => {
  const owner = randomUUID()
  let rung = 0
  return {
    async ring() {
      const queue = await queueOf()
      rung += 1
      const id = `${canaryName}-${owner}-${rung}`
      await queue.add(canaryName, {}, { jobId: id })
      return id
    },
    async isWaiting(id) {
      const queue = await queueOf()
      return (await queue.getJobState(id)) === 'waiting' && !(await queue.isPaused())
    },
  }
}
