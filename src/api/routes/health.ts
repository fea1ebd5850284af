import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { type ApiDeps, type CheckName, checkNames } from '../deps.ts'
import type { RouteContext } from '../route-context.ts'

const checkTimeoutMs = 3_000
/** So that a crowd of probes costs no more than one. */
const holdMs = 1_000

const CheckOut = z.object({ ok: z.boolean(), ms: z.int() })
const ReadyOut = z
  .object({
    ready: z.boolean(),
    checks: z.object({ database: CheckOut, queue: CheckOut, storage: CheckOut }),
  })
  .meta({ id: 'Readiness' })

type Readiness = z.output<typeof ReadyOut>

export const healthRoutes =
  ({ deps, closing }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const readReadiness = createReadinessReader(deps)

    app.route({
      method: 'GET',
      url: '/livez',
      schema: {
        operationId: 'getLiveness',
        summary: 'Is the process alive?',
        tags: ['health'],
        security: [],
        response: { 200: z.object({ alive: z.literal(true) }) },
      },
      handler: async (_request, reply) => reply.send({ alive: true }),
    })

    app.route({
      method: 'GET',
      url: '/readyz',
      schema: {
        operationId: 'getReadiness',
        summary: 'Can the process do its work?',
        description:
          'Each check writes something and reads it back. With the queue down, jobs can still be accepted, so that alone leaves the API ready.',
        tags: ['health'],
        security: [],
        response: {
          200: ReadyOut,
          503: ReadyOut.describe('Not now, or no longer: the process is stopping.'),
        },
      },
      handler: async (_request, reply) => {
        const { ready, checks } = await readReadiness()
        const isReady = ready && !closing.aborted
        return reply.code(isReady ? 200 : 503).send({ ready: isReady, checks })
      },
    })
  }

const createReadinessReader = ({ checks, clock, log }: ApiDeps): (() => Promise<Readiness>) => {
  let held: { readonly reading: Promise<Readiness>; readonly untilMs: number } | null = null

  const runCheck = async (name: CheckName): Promise<z.output<typeof CheckOut>> => {
    const startedMs = clock.monotonicMs()
    const ok = await inTime(clock, checkTimeoutMs, checks[name]()).then(
      () => true,
      (error: unknown) => {
        log.warn({ err: error, check: name }, 'a health check failed')
        return false
      },
    )
    return { ok, ms: Math.round(clock.monotonicMs() - startedMs) }
  }

  const read = async (): Promise<Readiness> => {
    const results = await Promise.all(checkNames.map(async (name) => [name, await runCheck(name)] as const))
    const byName = Object.fromEntries(results) as Readiness['checks']
    return { ready: byName.database.ok && byName.storage.ok, checks: byName }
  }

  return () => {
    const nowMs = clock.monotonicMs()
    if (held === null || nowMs >= held.untilMs) held = { reading: read(), untilMs: nowMs + holdMs }
    return held.reading
  }
}

const inTime = async <Value>(clock: Clock, ms: number, work: Promise<Value>): Promise<Value> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const cancel = clock.after(ms, () => reject(new Error(`it took longer than ${ms} ms`)))
  try {
    return await Promise.race([work, tooLate])
  } finally {
    cancel()
  }
}
