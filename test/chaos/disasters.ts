/** What befalls the fleet, the queue and the database, beside the disasters that every drill knows. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Disaster } from '../../src/cli/prove/nemesis.ts'
import type { ProvingGround } from '../../src/cli/prove/proving-ground.ts'
import type { FaultProxy } from './fault-proxy.ts'
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

/** Freezes a worker for longer than its leases last, and lets it go on: it must find that it is a zombie. */
export const freezeWorkers = (
  { workers }: ProvingGround,
  { everyMs, frozenMs }: { readonly everyMs: number; readonly frozenMs: number },
): Disaster => ({
  name: 'worker frozen',
  when: { everyMs },
  async strike(random) {
    const victim = random.pick(workers.members)
    if (victim === undefined) return null
    victim.signal('SIGSTOP')
    await pause(frozenMs)
    victim.signal('SIGCONT')
    return `process ${victim.pid} for ${frozenMs} ms`
  },
})

/** Replaces a worker as a deploy does: a new one is there before the old one is told to stop. */
export const deployWorkers = (
  { workers }: ProvingGround,
  atShares: readonly number[],
  onExit: (code: number | NodeJS.Signals | null, tookMs: number) => void,
): Disaster => ({
  name: 'worker deployed',
  when: { atShares },
  async strike(random) {
    const old = random.pick(workers.members)
    if (old === undefined) return null
    await workers.add()
    const toldMs = performance.now()
    const code = await workers.retire(old)
    onExit(code, performance.now() - toldMs)
    return `process ${old.pid} ended with ${String(code)}`
  },
})

/** Ends connections of the service, in the middle of whatever they do. */
export const terminateConnections = ({ rows }: ProvingGround, everyMs: number): Disaster => ({
  name: 'connections terminated',
  when: { everyMs },
  async strike() {
    const { rows: ended } = await rows.query(
      `SELECT pg_terminate_backend(pid) FROM (
         SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'clipline%' AND pid <> pg_backend_pid()
           AND application_name <> 'clipline hold' ORDER BY random() LIMIT 2) AS chosen`,
    )
    return `${ended.length}`
  },
})

/** Lets no byte pass between the workers and one of the things they reach. */
export const partition = (
  proxies: readonly (readonly [name: string, proxy: FaultProxy])[],
  { everyMs, mostMs }: { readonly everyMs: number; readonly mostMs: number },
): Disaster => ({
  name: 'partition',
  when: { everyMs },
  async strike(random) {
    const chosen = random.pick(proxies)
    if (chosen === undefined) return null
    const [name, proxy] = chosen
    const ms = random.between(1_000, mostMs)
    proxy.goDark(ms)
    await pause(ms)
    return `${name} for ${ms} ms`
  },
})
