import { newCallbackSecret } from '../callbacks/secret.ts'
import type { Clock } from '../clock.ts'
import { sealedPlace } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import { type EndpointRecord, type EndpointStore, mostEndpoints } from '../store/callback-endpoints.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { toUrlFault } from './check-sources.ts'
import { type CreateOnceDeps, type CreateOnceOutcome, type CreateRequest, createOnce } from './create-once.ts'
import { EndpointIn, EndpointPatch } from './endpoint-in.ts'
import type { Fault } from './fault.ts'
import { type Refusal, readBody } from './refusal.ts'

export interface EndpointDeps extends CreateOnceDeps {
  readonly endpoints: EndpointStore
  readonly clock: Clock
  /** May callbacks go there? */
  readonly checkCallbackUrl: (url: string) => Promise<UrlVerdict>
}

export interface CreateEndpointInput extends CreateRequest {
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** The answer, with the secret that is shown this once. */
  readonly toBody: (endpoint: EndpointRecord, secret: string) => object
}

/** Makes an endpoint with a secret of its own, or says everything that is wrong with it (api.md §5). */
export const createEndpoint = (
  deps: EndpointDeps,
  input: CreateEndpointInput,
): Promise<CreateOnceOutcome | Refusal> =>
  createOnce<Refusal>(deps, input, async () => {
    const senseless = [...(await checkUrl(deps, input.body)), ...(await checkRoom(deps, input.tenantId))]
    const read = readBody(EndpointIn, input.body, { malformed: input.faults, senseless })
    if (read.outcome === 'refused') return read
    const secret = newCallbackSecret()
    const endpoint = toNewEndpoint(deps, input.tenantId, read.data)
    const place = sealedPlace({ table: 'callback_endpoints', rowId: endpoint.id, tenantId: input.tenantId })
    return {
      outcome: 'draft',
      resourceId: endpoint.id,
      status: 201,
      body: input.toBody(endpoint, secret),
      insert: (answer) =>
        deps.endpoints.insert({ ...endpoint, secretSealed: deps.sealer.seal(secret, place) }, answer),
    }
  })

export type ChangeEndpointOutcome =
  | { readonly outcome: 'changed'; readonly endpoint: EndpointRecord }
  | { readonly outcome: 'not_found' }
  | Refusal

export const changeEndpoint = async (
  deps: EndpointDeps,
  {
    tenantId,
    endpointId,
    body,
  }: { readonly tenantId: string; readonly endpointId: string; readonly body: unknown },
): Promise<ChangeEndpointOutcome> => {
  const read = readBody(EndpointPatch, body, { senseless: await checkUrl(deps, body) })
  if (read.outcome === 'refused') return read
  const { url, events, description } = read.data
  const endpoint = await deps.endpoints.update(tenantId, endpointId, {
    ...(url !== undefined && { url }),
    ...(events !== undefined && { events }),
    ...(description !== undefined && { description }),
  })
  return endpoint === null ? { outcome: 'not_found' } : { outcome: 'changed', endpoint }
}

/** The store counts once more as it writes; two may come at once. */
const checkRoom = async ({ endpoints }: EndpointDeps, tenantId: string): Promise<Fault[]> => {
  if ((await endpoints.count(tenantId)) < mostEndpoints) return []
  const detail = `asks for one endpoint more than the ${mostEndpoints} that a tenant may have; delete one first`
  return [{ pointer: '', code: 'out_of_range', detail }]
}

/** The URL is judged even where the rest is not right. */
const checkUrl = async ({ checkCallbackUrl }: EndpointDeps, body: unknown): Promise<Fault[]> => {
  const { success, data: url } = EndpointIn.shape.url.safeParse((body as { url?: unknown } | null)?.url)
  return success ? toUrlFault('/url', await checkCallbackUrl(url)) : []
}

const toNewEndpoint = (
  { clock }: EndpointDeps,
  tenantId: string,
  { url, events, description }: EndpointIn,
): EndpointRecord => ({
  id: newId('callbackEndpoint', clock.nowMs()),
  tenantId,
  url,
  events,
  description,
  disabledAt: null,
  disabledReason: null,
  failingSince: null,
  failures: 0,
  previousSecretUntil: null,
  createdAt: new Date(clock.nowMs()),
})
