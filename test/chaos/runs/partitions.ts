import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import type { Addresses } from '../../../src/cli/prove/proving-ground.ts'
import { createSeededRandom } from '../../../src/cli/prove/seeded-random.ts'
import { byDrill, type ChaosRun } from '../chaos-run.ts'
import { partition } from '../disasters.ts'
import { type FaultProxy, portOf, startFaultProxy, throughProxy } from '../fault-proxy.ts'
import { calmDrill } from './calm.ts'
import { demandHonesty } from './flagship.ts'

/** R5: the workers lose sight of the database, of Redis and of the provider, a few seconds each. */
export const partitions: ChaosRun = {
  title: 'partitions: no byte passes to the database, Redis or the provider for seconds',
  jobs: { full: 2_000, short: 150 },
  perform: byDrill(async ({ seed, isShort }) => {
    const proxies: (readonly [string, FaultProxy])[] = []
    const random = createSeededRandom(seed + 2)
    const hide = async (name: string, url: string): Promise<string> => {
      const proxy = await startFaultProxy({ targetPort: portOf(url), random })
      proxies.push([name, proxy])
      return throughProxy(url, proxy)
    }
    return {
      drill: {
        ...calmDrill,
        settings: scaledSettings,
        window: isShort ? 60 : 200,
        detour: async ({ databaseUrl, redisUrl, sandboxUrl }: Addresses) => ({
          databaseUrl: await hide('the database', databaseUrl),
          sandboxUrl: (await hide('the provider', sandboxUrl)).replace(/\/$/, ''),
          ...(redisUrl !== undefined && { redisUrl: await hide('Redis', redisUrl) }),
        }),
        disasters: () => [partition(proxies, { everyMs: 2_000, mostMs: isShort ? 4_000 : 10_000 })],
      },
      async clear() {
        for (const [, proxy] of proxies) await proxy.close()
      },
    }
  }),
  demand: demandHonesty,
}
