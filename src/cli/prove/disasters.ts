/** What may befall the service, each as one disaster of a nemesis. */
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disaster } from './nemesis.ts'
import type { DatabaseEnd } from './proving-database.ts'
import type { ProvingGround } from './proving-ground.ts'
import { killName } from './rescues.ts'

/** Kills one of them again and again, and some of those as a message is about to leave. */
export const killWorkers = ({ dataDir, workers }: ProvingGround, everyMs: number): Disaster => ({
  name: killName,
  when: { everyMs },
  async lurk(random) {
    if (random.next() < messageShare) await untilMessageLeaves(dataDir)
  },
  async strike(random) {
    const victim = await workers.killOne(random)
    return victim === null ? null : `process ${victim.pid}`
  },
})

/** Of the kills. */
const messageShare = 0.5
const messageWithinMs = 500

/**
 * One that is about to leave has its mark, and as it leaves that is taken away. None is waited for for long, nor at all
 * where marks cannot be watched.
 */
const untilMessageLeaves = (dataDir: string): Promise<void> =>
  untilChanged(join(dataDir, 'unsent'), AbortSignal.timeout(messageWithinMs)).catch(() => undefined)

const untilChanged = async (folder: string, signal: AbortSignal): Promise<void> => {
  for await (const _ of watch(folder, { recursive: true, signal })) return
}

/** Brings the database down at these shares of the work, in these ways in turn. */
export const restartDatabase = (
  { database }: ProvingGround,
  atShares: readonly number[],
  ends: readonly DatabaseEnd[],
): Disaster => {
  let no = 0
  return {
    name: 'database restarted',
    when: { atShares },
    async strike() {
      const how = ends[no % ends.length] ?? 'fast'
      no += 1
      await database.restart(how)
      return how
    },
  }
}
