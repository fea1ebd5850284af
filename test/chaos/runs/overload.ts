import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import type { ProvingGround } from '../../../src/cli/prove/proving-ground.ts'
import { byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { findFatProcesses } from '../memory.ts'
import { calmDrill } from './calm.ts'

const queueBound = 300
const politeEveryMs = 1_000
const expected = new Set([202, 429, 503])

/** R8: one tenant floods the service, another one submits now and then. Nobody is hurt. */
export const overload: ChaosRun = {
  title: 'overload: one tenant floods, another one is polite',
  jobs: { full: 0, short: 0 },
  perform: byDrill(async ({ isShort }) => {
    const minutes = isShort ? 0.4 : 1
    const complaints = new Set<string>()
    let polite: Promise<void> = Promise.resolve()
    return {
      amount: { minutes },
      drill: {
        ...calmDrill,
        settings: {
          ...scaledSettings,
          LEASE_MS: '5000',
          WORKER_CONCURRENCY: '20',
          QUEUE_BOUND: String(queueBound),
        },
        window: Number.POSITIVE_INFINITY,
        load: {
          hands: 24,
          patienceMs: 0,
          onResponse: (status, headers) => {
            if (!expected.has(status)) complaints.add(`a submit was answered with ${status}`)
            if (status !== 202 && !headers.has('retry-after'))
              complaints.add(`an answer of ${status} says nothing of when to come back`)
          },
        },
        async prepare(ground) {
          const apiKey = await makeTenant(ground)
          polite = submitPolitely(ground, apiKey, minutes * 60_000)
          polite.catch(() => undefined)
        },
        async inspect(ground) {
          await polite
          return [...complaints, ...(await findUnfairness(ground)), ...(await findFatProcesses(ground))]
        },
      },
      clear: () => Promise.resolve(),
    }
  }),
  demand: ({ verdict }) => onlyFailures(verdict, []),
}

const post = async (ground: ProvingGround, path: string, apiKey: string, body: object): Promise<unknown> => {
  const { statusCode, body: answer } = await request(new URL(path, ground.apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const said = await answer.json()
  if (statusCode >= 400) throw new Error(`${path} was answered with ${statusCode}: ${JSON.stringify(said)}`)
  return said
}

const makeTenant = async (ground: ProvingGround): Promise<string> => {
  const tenant = (await post(ground, '/v1/admin/tenants', ground.apiKey, { name: 'polite' })) as {
    id: string
  }
  const made = await post(ground, '/v1/admin/keys', ground.apiKey, {
    tenant_id: tenant.id,
    name: 'chaos',
    scopes: ['jobs:read', 'jobs:write'],
  })
  return (made as { key: string }).key
}

/** Whoever asks for little gets it: no answer but an acceptance is in order. */
const submitPolitely = async (ground: ProvingGround, apiKey: string, forMs: number): Promise<void> => {
  const endAtMs = performance.now() + forMs
  for (let no = 0; performance.now() < endAtMs; no += 1) {
    await post(ground, '/v1/jobs', apiKey, { prompt: `a polite clip, number ${no}` })
    await pause(politeEveryMs)
  }
}

/** The polite tenant's jobs may wait a little; those of the flood wait for each other. */
const findUnfairness = async ({ rows }: ProvingGround): Promise<readonly string[]> => {
  const { rows: waits } = await rows.query(
    `SELECT t.name, count(*)::int AS jobs,
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM j.started_at - j.created_at)))::float8 AS median_s
     FROM jobs j JOIN tenants t ON t.id = j.tenant_id GROUP BY t.name`,
  )
  const of = (name: string) =>
    (waits as readonly { name: string; jobs: number; median_s: number }[]).find((one) => one.name === name)
  const polite = of('polite')
  const flood = of('default')
  if (polite === undefined || flood === undefined) return ['one of the tenants has no jobs']
  return polite.median_s <= flood.median_s / 2
    ? []
    : [
        `the polite tenant's jobs waited ${polite.median_s.toFixed(1)} s, those of the flood ${flood.median_s.toFixed(1)} s`,
      ]
}
