import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { endpoints } from '../endpoint.ts'
import type { Fault } from '../faults/faults.ts'
import { isSwitchName, type SwitchName, switches } from '../faults/switches.ts'
import { ledgerKinds } from '../ledger-entry.ts'
import type { Parts } from '../parts.ts'
import { summarize } from '../summary.ts'

const FaultsIn = z.strictObject({
  set: z.record(z.string(), z.unknown()),
  session_id: z.string().optional(),
  task_name: z.string().optional(),
  endpoint: z.enum(endpoints).optional(),
  times: z.number().int().min(1).max(1_000_000).optional(),
  probability: z.number().gt(0).max(1).optional(),
})

const LedgerQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  kind: z.enum(ledgerKinds).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
})

/** What belongs to the sandbox alone: a summary, the ledger, and the faults. No fault strikes here. */
export const registerControlRoutes = (app: FastifyInstance, parts: Parts): void => {
  const { world, faults } = parts

  app.get('/sandbox/state', async () => summarize(parts))

  app.get('/sandbox/ledger', async (request, reply) => {
    const query = LedgerQuery.safeParse(request.query)
    if (!query.success) return reply.code(400).send({ errors: [z.prettifyError(query.error)] })
    await world.settled()
    return world.ledger.page(query.data)
  })

  app.get('/sandbox/faults', async () => ({ faults: faults.list().map(toFaultOut) }))

  app.post('/sandbox/faults', async (request, reply) => {
    const read = readFaults(request.body)
    if (!read.isGood) return reply.code(400).send({ errors: read.errors })
    const added = read.faults.map((fault) => faults.add(fault))
    await world.settled()
    return reply.code(201).send({ faults: added.map(toFaultOut) })
  })

  app.delete('/sandbox/faults', async (_request, reply) => {
    faults.clear()
    await world.settled()
    return reply.code(204).send()
  })

  app.delete<{ Params: { id: string } }>('/sandbox/faults/:id', async (request, reply) => {
    const isRemoved = faults.remove(request.params.id)
    await world.settled()
    return reply.code(isRemoved ? 204 : 404).send()
  })
}

type NewFault = Omit<Fault, 'id' | 'serial'>
type ReadFaults =
  | { readonly isGood: true; readonly faults: readonly NewFault[] }
  | { readonly isGood: false; readonly errors: readonly string[] }

/** Each switch becomes a fault of its own; a bad one is named, and then none is set. */
const readFaults = (body: unknown): ReadFaults => {
  const read = FaultsIn.safeParse(body)
  if (!read.success) return { isGood: false, errors: read.error.issues.map(describeIssue) }
  const { set, session_id, task_name, endpoint, times, probability } = read.data
  const errors = Object.entries(set).flatMap(([name, value]) => problemsOf(name, value))
  if (errors.length > 0) return { isGood: false, errors }
  const faults = Object.entries(set).map(
    ([name, value]): NewFault => ({
      switch: name as SwitchName,
      value,
      endpoint: endpoint ?? null,
      sessionId: session_id ?? null,
      taskName: task_name ?? null,
      timesLeft: times ?? null,
      probability: probability ?? 1,
    }),
  )
  return { isGood: true, faults }
}

const problemsOf = (name: string, value: unknown): readonly string[] => {
  if (!isSwitchName(name))
    return [`${name}: there is no such switch; known are ${Object.keys(switches).join(', ')}`]
  const checked = switches[name].safeParse(value)
  return checked.success ? [] : checked.error.issues.map((issue) => `${name}: ${describeIssue(issue)}`)
}

const describeIssue = (issue: z.core.$ZodIssue): string =>
  issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`

const toFaultOut = (fault: Fault) => ({
  id: fault.id,
  switch: fault.switch,
  value: fault.value,
  ...(fault.endpoint !== null && { endpoint: fault.endpoint }),
  ...(fault.sessionId !== null && { session_id: fault.sessionId }),
  ...(fault.taskName !== null && { task_name: fault.taskName }),
  ...(fault.timesLeft !== null && { times_left: fault.timesLeft }),
  ...(fault.probability < 1 && { probability: fault.probability }),
})
