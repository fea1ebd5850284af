/** What befalls the queue: the rest is in the disasters of the drill. */
import type { Disaster } from '../../src/cli/prove/nemesis.ts'
import type { PrivateRedis } from './private-redis.ts'

/** Loses every bell at these shares of the work. */
export const flushRedis = (redis: PrivateRedis, atShares: readonly number[]): Disaster => ({
  name: 'Redis flushed',
  when: { atShares },
  async strike() {
    const keys = await redis.countKeys()
    await redis.flush()
    return `${keys} keys`
  },
})

/** Takes Redis away, for so long each time. */
export const restartRedis = (
  redis: PrivateRedis,
  outages: readonly { readonly atShare: number; readonly awayMs: number }[],
): Disaster => {
  let no = 0
  return {
    name: 'Redis restarted',
    when: { atShares: outages.map(({ atShare }) => atShare) },
    async strike() {
      const awayMs = outages[no]?.awayMs ?? 0
      no += 1
      await redis.restart(awayMs)
      return `after ${awayMs} ms`
    },
  }
}
