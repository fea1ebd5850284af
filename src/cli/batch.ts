import type { Batch, CliplineClient } from '../client/index.ts'
import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { submitBatch } from './batch-submit.ts'
import { printBatches, tellBatch, watchBatch } from './batch-view.ts'
import { connectFromEnvironment } from './connection.ts'
import { exitCodes } from './exit.ts'
import { collect, pipeOut } from './print.ts'

const options = {
  format: { type: 'string' },
  name: { type: 'string' },
  'max-credits': { type: 'string' },
  'all-or-nothing': { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
  state: { type: 'string' },
  most: { type: 'string', default: '100' },
  'failure-code': { type: 'string' },
  'accept-cost': { type: 'boolean', default: false },
} as const

const parse = (args: readonly string[]) => parseArguments('batch', args, { most: 2, options })
export type BatchFlags = ReturnType<typeof parse>['values']

/** What is done with one batch that is there already. */
const actions = {
  watch: (client, id, { json }) => watchBatch(client, id, { isJson: json }),
  show: async (client, id, { json }) => tellBatch(await client.batches.get(id), json),
  results: (client, id, { format }) => report(client, id, 'results', format),
  errors: (client, id, { format }) => report(client, id, 'errors', format),
  cancel: async (client, id, { json }) => tellBatch(await client.batches.cancel(id), json),
  redrive: async (client, id, flags) => tellBatch(await redrive(client, id, flags), flags.json),
} as const satisfies Record<
  string,
  (client: CliplineClient, id: string, flags: BatchFlags) => Promise<number>
>

const isAction = (text: string | undefined): text is keyof typeof actions =>
  text !== undefined && Object.hasOwn(actions, text)

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(args)
  const [action, subject] = positionals
  if (action === 'list' && subject === undefined) return list(values)
  if (subject !== undefined && action === 'submit') return submitBatch(subject, values)
  if (subject !== undefined && isAction(action))
    return actions[action](connectFromEnvironment(), subject, values)
  throw wrongUsage(
    'batch',
    `submit and a file, list, or ${Object.keys(actions).join(', ')} and an id are needed`,
  )
}

const list = async ({ state, most, json }: BatchFlags): Promise<number> => {
  const atMost = toWholeNumber('batch', 'most', most)
  // The service knows which ones there are, and names them.
  const filter = state === undefined ? {} : { state: [state as Batch['state']] }
  printBatches(await collect(connectFromEnvironment().batches.list(filter), atMost), json)
  return exitCodes.ok
}

const report = async (
  { batches }: CliplineClient,
  id: string,
  part: 'results' | 'errors',
  format = 'ndjson',
): Promise<number> => {
  if (format !== 'ndjson' && format !== 'csv')
    throw wrongUsage('batch', `${part} takes --format ndjson or csv`)
  await pipeOut(await batches.report(id, part, format))
  return exitCodes.ok
}

const redrive = ({ batches }: CliplineClient, id: string, flags: BatchFlags): Promise<Batch> => {
  type Codes = NonNullable<NonNullable<Parameters<typeof batches.redrive>[1]>['failure_codes']>
  const codes = flags['failure-code']?.split(',') as Codes | undefined
  return batches.redrive(id, {
    accept_cost: flags['accept-cost'],
    ...(codes !== undefined && { failure_codes: codes }),
  })
}
