import { newCallbackSecret } from '../callbacks/secret.ts'
import type { Clock } from '../clock.ts'
import { sealedPlace } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import type { EndpointRecord, EndpointStore } from '../store/callback-endpoints.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { type CreateOnceDeps, type CreateOnceOutcome, type CreateRequest, createOnce } from './create-once.ts'
import { EndpointIn, EndpointPatch } from './endpoint-in.ts'
import { type Fault, toFaults } from './fault.ts'

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

type EndpointRefusal = {
  readonly outcome: 'refused'
  readonly isMalformed: boolean
  readonly faults: readonly Fault[]
}

/** Makes an endpoint with a secret of its own, or says everything that is wrong with it (api.md §5). */
export const createEndpoint = (
  deps: EndpointDeps,
  input: CreateEndpointInput,
): Promise<CreateOnceOutcome | EndpointRefusal> =>
  createOnce<EndpointRefusal>(deps, input, async () => {
    const parsed = EndpointIn.safeParse(input.body)
    const malformed = parsed.success ? [] : toFaults(EndpointIn, input.body, parsed.error.issues)
    const refusal = await refuse(deps, input.body, [...input.faults, ...malformed])
    if (refusal !== null || !parsed.success) return refusal ?? refusalOf(malformed, [])
    const secret = newCallbackSecret()
    const endpoint = toNewEndpoint(deps, input.tenantId, parsed.data)
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
  | EndpointRefusal

export const changeEndpoint = async (
  deps: EndpointDeps,
  {
    tenantId,
    endpointId,
    body,
  }: { readonly tenantId: string; readonly endpointId: string; readonly body: unknown },
): Promise<ChangeEndpointOutcome> => {
  const parsed = EndpointPatch.safeParse(body)
  const malformed = parsed.success ? [] : toFaults(EndpointPatch, body, parsed.error.issues)
  const refusal = await refuse(deps, body, malformed)
  if (refusal !== null || !parsed.success) return refusal ?? refusalOf(malformed, [])
  const { url, events, description } = parsed.data
  const endpoint = await deps.endpoints.update(tenantId, endpointId, {
    ...(url !== undefined && { url }),
    ...(events !== undefined && { events }),
    ...(description !== undefined && { description }),
  })
  return endpoint === null ? { outcome: 'not_found' } : { outcome: 'changed', endpoint }
}

/** Null when nothing is wrong. The URL is judged even where the rest is not right. */
const refuse = async (
  { checkCallbackUrl }: EndpointDeps,
  body: unknown,
  malformed: readonly Fault[],
): Promise<EndpointRefusal | null> => {
  const { success, data: url } = EndpointIn.shape.url.safeParse((body as { url?: unknown } | null)?.url)
  const verdict = success ? await checkCallbackUrl(url) : null
  const senseless =
    verdict === null || verdict.ok
      ? []
      : [{ pointer: '/url', code: 'url_not_allowed', detail: verdict.detail }]
  return malformed.length + senseless.length === 0 ? null : refusalOf(malformed, senseless)
}

const refusalOf = (malformed: readonly Fault[], senseless: readonly Fault[]): EndpointRefusal => ({
  outcome: 'refused',
  isMalformed: malformed.length > 0,
  faults: [...malformed, ...senseless],
})

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
