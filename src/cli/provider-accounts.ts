import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { type components, pages, unwrap } from '../client/index.ts'
import { clientEnvironment } from '../config.ts'
import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { exitCodes } from './exit.ts'
import { collect, printList } from './print.ts'
import { getTenant } from './tenants.ts'

type ProviderAccount = components['schemas']['ProviderAccount']

const columns = ['id', 'tenant_id', 'kind', 'max_concurrency', 'paused_until', 'down', 'token_set_at']

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments('provider-accounts', args, {
    most: 2,
    options: {
      tenant: { type: 'string' },
      'max-concurrency': { type: 'string' },
    },
  })
  const maxConcurrency = toWholeNumber('provider-accounts', 'max-concurrency', values['max-concurrency'])
  const accounts = await act(positionals, { tenant: values.tenant, maxConcurrency })
  printList(accounts, { isJson: values.json, columns })
  return exitCodes.ok
}

interface Wanted {
  readonly tenant: string | undefined
  readonly maxConcurrency: number | undefined
}

/** What was made or changed, or all there are. */
const act = async (
  [action, accountId]: readonly (string | undefined)[],
  { tenant, maxConcurrency }: Wanted,
): Promise<readonly ProviderAccount[]> => {
  if (action === 'list' && accountId === undefined) return list()
  if (action === 'create' && accountId === undefined) {
    if (tenant === undefined) throw wrongUsage('provider-accounts', '--tenant is needed')
    return [await create(tenant, maxConcurrency)]
  }
  if (action === 'update' && accountId !== undefined) {
    if (maxConcurrency === undefined) throw wrongUsage('provider-accounts', '--max-concurrency is needed')
    return [await update(accountId, maxConcurrency)]
  }
  throw wrongUsage('provider-accounts', 'list, create, or update and an id are needed')
}

const path = '/v1/admin/provider-accounts'

const list = (): Promise<ProviderAccount[]> => {
  const { http } = connectFromEnvironment()
  return collect(pages((page) => http.GET(path, { params: { query: page } })))
}

const create = async (tenant: string, maxConcurrency: number | undefined): Promise<ProviderAccount> => {
  const client = connectFromEnvironment()
  const token = await readToken()
  const { id } = await getTenant(client, tenant)
  const limit = maxConcurrency === undefined ? {} : { max_concurrency: maxConcurrency }
  const params = { header: { 'Idempotency-Key': randomUUID() } }
  return unwrap(client.http.POST(path, { params, body: { tenant_id: id, token, ...limit } }))
}

const update = (id: string, maxConcurrency: number): Promise<ProviderAccount> => {
  const { http } = connectFromEnvironment()
  const body = { max_concurrency: maxConcurrency }
  return unwrap(http.PATCH(`${path}/{id}`, { params: { path: { id } }, body }))
}

/** Never an argument: those of a process are there for all of the machine to see, and stay in the history of shells. */
const readToken = async (): Promise<string> => {
  const token =
    clientEnvironment().providerToken ?? (process.stdin.isTTY ? '' : (await text(process.stdin)).trim())
  if (token !== '') return token
  throw wrongUsage('provider-accounts', 'the token is needed, on stdin or in CLIPLINE_PROVIDER_TOKEN')
}
