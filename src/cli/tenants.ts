import { type CliplineClient, pages, unwrap } from '../client/index.ts'
import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { collect, printList } from './print.ts'

const columns = [
  'id',
  'name',
  'weight',
  'max_concurrency',
  'rate_per_minute',
  'queue_bound',
  'max_credits_per_day',
  'retention_days',
  'created_at',
]

const limits = {
  weight: { type: 'string' },
  'max-concurrency': { type: 'string' },
  'rate-per-minute': { type: 'string' },
  'queue-bound': { type: 'string' },
  'max-credits-per-day': { type: 'string' },
  'retention-days': { type: 'string' },
} as const

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments('tenants', args, { most: 2, options: limits })
  const tenants = await act(positionals, toLimits(values))
  printList(tenants, { isJson: values.json, columns })
  return exitCodes.ok
}

/** What was made or changed, or all there are. */
const act = async ([action, name]: readonly (string | undefined)[], wanted: object) => {
  if (action === 'list' && name === undefined) return listTenants(connectFromEnvironment())
  if (action === 'create' && name !== undefined)
    return [
      await unwrap(connectFromEnvironment().http.POST('/v1/admin/tenants', { body: { name, ...wanted } })),
    ]
  if (action === 'update' && name !== undefined) {
    const client = connectFromEnvironment()
    const { id } = await getTenant(client, name)
    const params = { path: { id } }
    return [await unwrap(client.http.PATCH('/v1/admin/tenants/{id}', { params, body: wanted }))]
  }
  throw wrongUsage('tenants', 'list, or create or update and a name are needed')
}

const listTenants = ({ http }: CliplineClient, filter: { readonly name?: string } = {}) =>
  collect(pages((page) => http.GET('/v1/admin/tenants', { params: { query: { ...filter, ...page } } })))

/** The tenant of that name; ends the command when there is none. */
export const getTenant = async (client: CliplineClient, name: string): Promise<{ readonly id: string }> => {
  const [tenant] = await listTenants(client, { name })
  if (tenant !== undefined) return tenant
  throw new CommandFailed(exitCodes.refused, `there is no tenant ${name}`)
}

/** The limits that were given; `none` lifts one. */
const toLimits = (
  values: Readonly<Record<string, string | boolean | undefined>>,
): Record<string, number | null | undefined> =>
  Object.fromEntries(
    Object.keys(limits).flatMap((flag) => {
      const value = values[flag]
      if (typeof value !== 'string') return []
      return [[flag.replaceAll('-', '_'), value === 'none' ? null : toWholeNumber('tenants', flag, value)]]
    }),
  )
