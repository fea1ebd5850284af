import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { printList } from './print.ts'
import type { Service } from './service.ts'

interface ShownTenant {
  readonly id: string
  readonly name: string
}

const wrong = (reason: string): CommandFailed =>
  new CommandFailed(exitCodes.usage, `${reason}\nUsage: clipline ${commands.tenants.usage}`)

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
  const { values, positionals } = parseArguments(args, {
    usage: commands.tenants.usage,
    most: 2,
    options: { ...limits, json: { type: 'boolean', default: false } },
  })
  const tenants = await act(positionals, toLimits(values))
  printList(tenants, { isJson: values.json, columns })
  return exitCodes.ok
}

/** What was made or changed, or all there are. */
const act = async (
  [action, name]: readonly (string | undefined)[],
  wanted: Readonly<Record<string, number | null>>,
): Promise<readonly ShownTenant[]> => {
  if (action === 'list' && name === undefined)
    return connectFromEnvironment().list('/v1/admin/tenants?limit=100')
  if (action === 'create' && name !== undefined)
    return [await connectFromEnvironment().send('POST', '/v1/admin/tenants', { name, ...wanted })]
  if (action === 'update' && name !== undefined) {
    const service = connectFromEnvironment()
    const { id } = await getTenant(service, name)
    return [await service.send('PATCH', `/v1/admin/tenants/${id}`, wanted)]
  }
  throw wrong('list, or create or update and a name are needed')
}

/** The tenant of that name; ends the command when there is none. */
export const getTenant = async (service: Service, name: string): Promise<ShownTenant> => {
  const path = `/v1/admin/tenants?name=${encodeURIComponent(name)}`
  const [tenant] = await service.list<ShownTenant>(path)
  if (tenant !== undefined) return tenant
  throw new CommandFailed(exitCodes.refused, `there is no tenant ${name}`)
}

const toLimits = (
  values: Readonly<Record<string, string | boolean | undefined>>,
): Record<string, number | null> =>
  Object.fromEntries(
    Object.keys(limits).flatMap((option) => {
      const value = values[option]
      return typeof value === 'string' ? [[option.replaceAll('-', '_'), toLimit(option, value)]] : []
    }),
  )

const toLimit = (option: string, value: string): number | null => {
  if (value === 'none') return null
  if (/^\d{1,10}$/.test(value)) return Number(value)
  throw wrong(`--${option} takes a whole number, not ${value}`)
}
