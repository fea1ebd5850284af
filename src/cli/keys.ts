import { randomUUID } from 'node:crypto'
import { type CliplineClient, type components, pages, unwrap } from '../client/index.ts'
import { parseArguments, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { durationWords, toTimeAhead } from './duration.ts'
import { exitCodes } from './exit.ts'
import { collect, printList } from './print.ts'
import { getTenant } from './tenants.ts'

/** The keys of one's own tenant; with `--tenant`, those of another one, for which the key needs `admin`. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments('keys', args, {
    most: 2,
    options: {
      tenant: { type: 'string' },
      scopes: { type: 'string' },
      name: { type: 'string', default: 'made on the command line' },
      'expires-in': { type: 'string' },
    },
  })
  const [action, keyId] = positionals
  if (action === 'create' && keyId === undefined) {
    if (values.scopes === undefined) throw wrongUsage('keys', '--scopes is needed')
    const wanted = {
      name: values.name,
      // The service knows which ones there are, and names them.
      scopes: values.scopes.split(',') as KeyRequest['scopes'],
      ...(values['expires-in'] !== undefined && { expires_at: toTime(values['expires-in']) }),
    }
    const made = await create(connectFromEnvironment(), wanted, values.tenant)
    process.stdout.write(values.json ? `${JSON.stringify(made)}\n` : `${made.key}\n`)
    return exitCodes.ok
  }
  if (action === 'list' && keyId === undefined) {
    const columns = ['id', 'name', 'scopes', 'expires_at', 'revoked_at', 'last_used_at']
    printList(await list(connectFromEnvironment(), values.tenant), { isJson: values.json, columns })
    return exitCodes.ok
  }
  if (action === 'revoke' && keyId !== undefined) {
    await revoke(connectFromEnvironment(), keyId, values.tenant)
    process.stdout.write(values.json ? `${JSON.stringify({ id: keyId, revoked: true })}\n` : 'Revoked.\n')
    return exitCodes.ok
  }
  throw wrongUsage('keys', 'create, list, or revoke and an id are needed')
}

type KeyRequest = components['schemas']['ApiKeyRequestInput']

const create = async (client: CliplineClient, wanted: KeyRequest, tenant: string | undefined) => {
  const params = { header: { 'Idempotency-Key': randomUUID() } }
  if (tenant === undefined) return unwrap(client.http.POST('/v1/keys', { params, body: wanted }))
  const { id } = await getTenant(client, tenant)
  return unwrap(client.http.POST('/v1/admin/keys', { params, body: { ...wanted, tenant_id: id } }))
}

const list = async (client: CliplineClient, tenant: string | undefined) => {
  const { http } = client
  if (tenant === undefined) return collect(pages((page) => http.GET('/v1/keys', { params: { query: page } })))
  const { id } = await getTenant(client, tenant)
  const query = { tenant_id: id }
  return collect(pages((page) => http.GET('/v1/admin/keys', { params: { query: { ...query, ...page } } })))
}

const revoke = async ({ http }: CliplineClient, id: string, tenant: string | undefined): Promise<void> => {
  const params = { path: { id } }
  await unwrap<unknown>(
    tenant === undefined
      ? http.DELETE('/v1/keys/{id}', { params })
      : http.DELETE('/v1/admin/keys/{id}', { params }),
  )
}

const toTime = (duration: string): string => {
  const time = toTimeAhead(duration, Date.now())
  if (time === null) throw wrongUsage('keys', `--expires-in takes ${durationWords}`)
  return time
}
