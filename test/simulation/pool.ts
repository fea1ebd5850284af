import type { Pool } from 'pg'
import type { ClaimRow, Database } from './database.ts'
import type { DeliveryTable, RecordRow } from './delivery-table.ts'
import { acknowledgeInput, type InputKeyRow, startInput } from './input-table.ts'
import { exchange, type Fate } from './network.ts'
import type { OpenRow, PermitTable } from './permit-table.ts'
import { type Process, worldClockOf } from './process.ts'
import type { JobRow, TransitionRow } from './rows.ts'
import type { World } from './world.ts'

export interface DatabaseServer {
  readonly database: Database
  readonly permits: PermitTable
  readonly deliveries: DeliveryTable
  readonly isAway: boolean
}

interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: readonly unknown[]
}

/** A connection pool of one process, for the real stores: it knows their statements by name or by what they say. */
export const createPool = (world: World, server: DatabaseServer, process: Process): Pool =>
  ({
    query: (first: string | Statement, values: readonly unknown[] = []) => {
      const statement: Statement = typeof first === 'string' ? { text: first, values } : first
      return askDatabase(world, server, process, statement.name ?? 'query', () => ({
        rows: execute(world, server, process, statement),
      }))
    },
  }) as unknown as Pool

/** Asks the database something over the network, with all that may go wrong on the way. */
export const askDatabase = <T>(
  world: World,
  server: Pick<DatabaseServer, 'isAway'>,
  process: Process,
  name: string,
  act: () => T,
): Promise<T> =>
  exchange(world, process, {
    name: `db ${name}`,
    fate: drawFate(world, server),
    outMs: world.random.between(0, 3),
    backMs: world.random.chance(world.faults.database.slow)
      ? world.random.between(100, 3_000)
      : world.random.between(0, 3),
    act,
    toError: (fate) => {
      // Refused: no connection, one that an administrator cut, or a conflict with another transaction.
      const code = fate === 'refused' ? world.random.pick(['ECONNREFUSED', '57P01', '40001']) : 'ECONNRESET'
      return Object.assign(new Error('the database did not answer'), { code })
    },
  })

const drawFate = (world: World, { isAway }: Pick<DatabaseServer, 'isAway'>): Fate => {
  const { scheduler, random, faults } = world
  if (isAway) return 'refused'
  if (scheduler.nowMs > faults.untilMs) return 'fine'
  if (random.chance(faults.database.refuse)) return 'refused'
  return random.chance(faults.database.loseAnswer) ? random.pick(['lost', 'answer_lost']) : 'fine'
}

const execute = (
  world: World,
  { database, permits, deliveries }: DatabaseServer,
  process: Process,
  { name, text, values }: Statement,
): unknown[] => {
  switch (name?.split(' ')[0]) {
    case 'transition-jobs':
      return database.transition(fromJson<TransitionRow[]>(values[0]), (change) => text.includes(change))
    case 'claim-jobs':
      return database
        .claim(fromJson<ClaimRow[]>(values[0]), String(values[1]), Number(values[2]), worldClockOf(process))
        .map(({ row, operation_id }) => toClaimedRow(world, row, operation_id))
    case 'renew-leases':
      return database.renew(values[0] as string[], values[1] as number[], Number(values[2]))
    case 'list-expired':
      return database.listExpired()
    case 'open-permits':
      permits.accept(values[1] as string[])
      return permits.open(fromJson<OpenRow[]>(values[0]), process.name)
    case 'find-lonely-permits':
      return (values[0] as string[]).filter((id) => permits.wasAlone(id)).map((id) => ({ id }))
    case 'disclaim-permit':
      return permits.disclaim(String(values[0]), String(values[1])) ? [{ id: values[0] }] : []
    case 'is-permit-disclaimed':
      return [{ is_disclaimed: permits.isDisclaimed(String(values[0])) }]
    case 'count-permit-tries':
      return [permits.countTries(String(values[0]))]
    case 'start-inputs':
      return fromJson<InputKeyRow[]>(values[0]).map((key) => startInput(database.inputs, key))
    case 'acknowledge-inputs':
      for (const key of fromJson<InputKeyRow[]>(values[0])) acknowledgeInput(database.inputs, key)
      return []
    case 'claim-deliveries':
      return deliveries.claim(values[0] as string[], Number(values[1]))
    case 'record-deliveries': {
      const [ids, epochs, bodies] = [values[1] as string[], values[2] as number[], values[3] as string[]]
      const kept = ids.map((id, index) => ({ id, epoch: Number(epochs[index]), body: String(bodies[index]) }))
      return deliveries.record(fromJson<RecordRow[]>(values[0]), kept)
    }
    default:
      return executeUnnamed({ database, permits }, text, values)
  }
}

const executeUnnamed = (
  { database, permits }: Pick<DatabaseServer, 'database' | 'permits'>,
  text: string,
  values: readonly unknown[],
): unknown[] => {
  if (text.includes('operation_id = ANY ($2)'))
    return database.findApplied(values[0] as string[], values[1] as string[])
  if (text.includes("state IN ('open', 'accepted') ORDER BY created_at DESC"))
    return permits.listOpen(String(values[0])).map((permit) => ({ ...permit }))
  throw new Error(`the simulation does not know the statement ${text}`)
}

const toClaimedRow = ({ scheduler, bug }: World, row: JobRow, operationId: string) => ({
  ...row,
  ...row.request,
  operation_id: operationId,
  is_cancel_requested: row.cancel_requested_at !== null && bug !== 'cancel_ignored',
  stage_ms: scheduler.nowMs - (row.stage_started_at ?? scheduler.nowMs),
  deadline_in_ms: row.deadline_at === null ? null : row.deadline_at - scheduler.nowMs,
})

const fromJson = <T>(value: unknown): T => JSON.parse(String(value)) as T
