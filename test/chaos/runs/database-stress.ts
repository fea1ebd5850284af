import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import type { ProvingGround } from '../../../src/cli/prove/proving-ground.ts'
import { createSeededRandom } from '../../../src/cli/prove/seeded-random.ts'
import { byDrill, type ChaosRun } from '../chaos-run.ts'
import { terminateConnections } from '../disasters.ts'
import { type FaultProxy, portOf, startFaultProxy, throughProxy } from '../fault-proxy.ts'
import { calmDrill } from './calm.ts'
import { demandHonesty } from './flagship.ts'

/** One statement in twenty loses against another transaction that is not there; one in fifty takes its time. */
const conflictsSql = `
CREATE FUNCTION chaos_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF random() < 0.025 THEN RAISE EXCEPTION 'chaos' USING ERRCODE = '40001'; END IF;
  IF random() < 0.025 THEN RAISE EXCEPTION 'chaos' USING ERRCODE = '40P01'; END IF;
  IF random() < 0.02 THEN PERFORM pg_sleep(0.2); END IF;
  RETURN NULL;
END $$`

const tables = ['jobs', 'permits', 'callback_deliveries'] as const

const addConflicts = async ({ rows }: ProvingGround): Promise<void> => {
  await rows.query(conflictsSql)
  for (const table of tables)
    await rows.query(
      `CREATE TRIGGER chaos_conflict BEFORE INSERT OR UPDATE ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION chaos_conflict()`,
    )
}

/** R7: conflicts, deadlocks, slow statements, ended connections, and answers that are lost behind a commit. */
export const databaseStress: ChaosRun = {
  title: 'database stress: conflicts, ended connections, answers lost behind a commit',
  jobs: { full: 3_000, short: 150 },
  perform: byDrill(async ({ seed, isShort }) => {
    const proxies: FaultProxy[] = []
    return {
      drill: {
        ...calmDrill,
        settings: scaledSettings,
        window: isShort ? 60 : 200,
        prepare: addConflicts,
        async detour(real) {
          const targetPort = portOf(real.databaseUrl)
          const random = createSeededRandom(seed + 3)
          const proxy = await startFaultProxy({ targetPort, random, losesAnswers: 0.01 })
          proxies.push(proxy)
          return { ...real, databaseUrl: throughProxy(real.databaseUrl, proxy) }
        },
        disasters: (ground) => [terminateConnections(ground, 1_000)],
      },
      async clear() {
        for (const proxy of proxies) await proxy.close()
      },
    }
  }),
  demand: demandHonesty,
}
