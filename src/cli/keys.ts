import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { printList } from './print.ts'
import type { Service } from './service.ts'
import { getTenant } from './tenants.ts'

interface ShownKey {
  readonly id: string
  readonly key: string
}

const wrong = (reason: string): CommandFailed =>
  new CommandFailed(exitCodes.usage, `${reason}\nUsage: clipline ${commands.keys.usage}`)

/** The keys of one's own tenant; with `--tenant`, those of another one, for which the key needs `admin`. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments(args, {
    usage: commands.keys.usage,
    most: 2,
    options: {
      tenant: { type: 'string' },
      scopes: { type: 'string' },
      name: { type: 'string', default: 'made on the command line' },
      'expires-in': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [action, keyId] = positionals
  if (action === 'create' && keyId === undefined) {
    if (values.scopes === undefined) throw wrong('--scopes is needed')
    const wanted = {
      name: values.name,
      scopes: values.scopes.split(','),
      ...(values['expires-in'] !== undefined && { expires_at: toTime(values['expires-in']) }),
    }
    const made = await create(connectFromEnvironment(), wanted, values.tenant)
    process.stdout.write(values.json ? `${JSON.stringify(made)}\n` : `${made.key}\n`)
    return exitCodes.ok
  }
  if (action === 'list' && keyId === undefined) {
    const keys = await list(connectFromEnvironment(), values.tenant)
    const columns = ['id', 'name', 'scopes', 'expires_at', 'revoked_at', 'last_used_at']
    printList(keys, { isJson: values.json, columns })
    return exitCodes.ok
  }
  if (action === 'revoke' && keyId !== undefined) {
    await revoke(connectFromEnvironment(), keyId, values.tenant)
    process.stdout.write(values.json ? `${JSON.stringify({ id: keyId, revoked: true })}\n` : 'Revoked.\n')
    return exitCodes.ok
  }
  throw wrong('create, list, or revoke and an id are needed')
}

const create = async (service: Service, wanted: object, tenant: string | undefined): Promise<ShownKey> => {
  if (tenant === undefined) return service.send('POST', '/v1/keys', wanted)
  const { id } = await getTenant(service, tenant)
  return service.send('POST', '/v1/admin/keys', { ...wanted, tenant_id: id })
}

const list = async (service: Service, tenant: string | undefined): Promise<ShownKey[]> => {
  if (tenant === undefined) return service.list('/v1/keys?limit=100')
  const { id } = await getTenant(service, tenant)
  return service.list(`/v1/admin/keys?limit=100&tenant_id=${id}`)
}

const revoke = async (service: Service, keyId: string, tenant: string | undefined): Promise<void> => {
  const home = tenant === undefined ? '/v1/keys' : '/v1/admin/keys'
  await service.send('DELETE', `${home}/${encodeURIComponent(keyId)}`)
}

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30d` → the time in thirty days. */
const toTime = (duration: string): string => {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(duration) ?? []
  const unitMs = unitsMs[unit]
  if (unitMs === undefined) throw wrong('--expires-in takes minutes, hours or days, such as 90m, 12h or 30d')
  return new Date(Date.now() + Number(count) * unitMs).toISOString()
}
