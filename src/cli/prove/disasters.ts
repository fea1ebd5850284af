/** What may befall the service, each as one disaster of a nemesis. */
import type { Disaster } from './nemesis.ts'
import type { DatabaseEnd } from './proving-database.ts'
import type { ProvingGround } from './proving-ground.ts'
import { killName } from './rescues.ts'

export const killWorkers = ({ workers }: ProvingGround, everyMs: number): Disaster => ({
  name: killName,
  when: { everyMs },
  async strike(random) {
    const victim = await workers.killOne(random)
    return victim === null ? null : `process ${victim.pid}`
  },
})

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
