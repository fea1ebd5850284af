/** The examples of callbacks, keys, tenants and provider accounts. */
import {
  exampleJobId as jobId,
  type OperationExample,
  exampleOrigin as origin,
  withJson,
} from './operation-example.ts'

const at = '2026-09-01T12:00:00.000Z'
const tenantId = 'ten_0198c0de-7000-7000-8000-000000000020'
const keyId = 'key_0198c0de-7000-7000-8000-000000000021'
const accountId = 'acc_0198c0de-7000-7000-8000-000000000022'
const endpointId = 'cep_0198c0de-7000-7000-8000-000000000023'
const deliveryId = 'dlv_0198c0de-7000-7000-8000-000000000024'
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw3rq1VdM1t5c='
const apiKey = 'clk_ExampleExampleExampleExampleExampleExample1'

const page = (item: object) => ({ responses: { 200: { data: [item], next_cursor: null } } })

const endpointLinks = {
  self: `${origin}/v1/callback-endpoints/${endpointId}`,
  deliveries: `${origin}/v1/callback-deliveries?endpoint_id=${endpointId}`,
  test: `${origin}/v1/callback-endpoints/${endpointId}/test`,
  rotate: `${origin}/v1/callback-endpoints/${endpointId}/rotate`,
  enable: null,
  disable: `${origin}/v1/callback-endpoints/${endpointId}/disable`,
}

const endpoint = {
  id: endpointId,
  url: 'https://example.com/hooks/clipline',
  events: ['job.succeeded', 'job.failed', 'job.canceled'],
  description: 'orders',
  state: 'enabled',
  disabled_at: null,
  disabled_reason: null,
  failing_since: null,
  failures: 0,
  previous_secret_expires_at: null,
  created_at: at,
  links: endpointLinks,
}

const delivery = {
  id: deliveryId,
  job_id: jobId,
  batch_id: null,
  endpoint_id: endpointId,
  url: endpoint.url,
  event: { id: 'evt_0198c0de-7000-7000-8000-000000000025', type: 'job.succeeded', sequence: 24 },
  state: 'delivered',
  next_try_at: null,
  delivered_at: '2026-09-01T12:01:10.090Z',
  created_at: '2026-09-01T12:01:10.000Z',
  tries: [
    {
      no: 1,
      started_at: '2026-09-01T12:01:10.004Z',
      ms: 86,
      outcome: 'delivered',
      http_status: 204,
      error: null,
      response: '',
    },
  ],
  links: {
    self: `${origin}/v1/callback-deliveries/${deliveryId}`,
    job: `${origin}/v1/jobs/${jobId}`,
    batch: null,
    endpoint: endpointLinks.self,
    redeliver: `${origin}/v1/callback-deliveries/${deliveryId}/redeliver`,
  },
}

const waitingDelivery = { ...delivery, state: 'waiting', next_try_at: at, delivered_at: null, tries: [] }

const testDelivery = {
  ...waitingDelivery,
  job_id: null,
  event: { ...delivery.event, type: 'callback_endpoint.test', sequence: 0 },
  links: { ...delivery.links, job: null },
}

const rotatedSecret = {
  secret,
  previous: {
    secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD5kgLmFhYGX0=',
    expires_at: '2026-09-02T12:00:00.000Z',
  },
}

const callbacks: Readonly<Record<string, OperationExample>> = {
  createCallbackEndpoint: {
    requestBody: withJson({ url: endpoint.url, events: endpoint.events, description: 'orders' }),
    responses: { 201: { ...endpoint, secret } },
  },
  listCallbackEndpoints: page(endpoint),
  getCallbackEndpoint: { responses: { 200: endpoint } },
  updateCallbackEndpoint: {
    requestBody: withJson({ events: ['job.failed'] }),
    responses: { 200: { ...endpoint, events: ['job.failed'] } },
  },
  deleteCallbackEndpoint: { responses: {} },
  rotateCallbackEndpointSecret: {
    requestBody: withJson({ overlap_s: 86_400 }),
    responses: {
      200: { ...endpoint, previous_secret_expires_at: '2026-09-02T12:00:00.000Z', secret },
    },
  },
  enableCallbackEndpoint: { responses: { 200: endpoint } },
  disableCallbackEndpoint: {
    responses: {
      200: {
        ...endpoint,
        state: 'disabled',
        disabled_at: at,
        disabled_reason: 'requested',
        links: {
          ...endpointLinks,
          enable: `${origin}/v1/callback-endpoints/${endpointId}/enable`,
          disable: null,
        },
      },
    },
  },
  testCallbackEndpoint: { responses: { 202: testDelivery } },
  getCallbackSecret: { responses: { 200: { secret, previous: null } } },
  rotateCallbackSecret: {
    requestBody: withJson({ overlap_s: 86_400 }),
    responses: { 200: rotatedSecret },
  },
  getCallbackKeys: {
    responses: {
      200: {
        keys: [
          {
            kty: 'OKP',
            crv: 'Ed25519',
            x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
            kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
            use: 'sig',
            alg: 'EdDSA',
          },
        ],
      },
    },
  },
  listCallbackDeliveries: page(delivery),
  getCallbackDelivery: { responses: { 200: delivery } },
  redeliverCallback: { responses: { 202: waitingDelivery } },
}

const key = {
  id: keyId,
  tenant_id: tenantId,
  name: 'ingest',
  scopes: ['jobs:read', 'jobs:write'],
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  created_at: at,
  links: { self: `${origin}/v1/keys/${keyId}` },
}
const tenantKey = { ...key, links: { self: `${origin}/v1/admin/keys/${keyId}` } }
const keyIn = { name: key.name, scopes: key.scopes }

const tenant = {
  id: tenantId,
  name: 'Acme',
  weight: 1,
  max_concurrency: 1_000,
  rate_per_minute: null,
  queue_bound: null,
  max_credits_per_day: null,
  retention_days: 30,
  created_at: at,
  links: {
    self: `${origin}/v1/admin/tenants/${tenantId}`,
    keys: `${origin}/v1/admin/keys?tenant_id=${tenantId}`,
  },
}

const ownAccount = { id: accountId, token_set_at: at, created_at: at }

const account = {
  ...ownAccount,
  tenant_id: tenantId,
  kind: 'token',
  user_id: null,
  token_expires_at: null,
  paused_until: null,
  down: [],
  max_concurrency: 50,
  links: { self: `${origin}/v1/admin/provider-accounts/${accountId}` },
}

const administration: Readonly<Record<string, OperationExample>> = {
  createKey: { requestBody: withJson(keyIn), responses: { 201: { ...key, key: apiKey } } },
  listKeys: page(key),
  getKey: { responses: { 200: key } },
  revokeKey: { responses: {} },
  getProviderAccount: { responses: { 200: ownAccount } },
  setProviderAccount: {
    requestBody: withJson({ token: 'nmv_usr_0123456789abcdef' }),
    responses: { 200: ownAccount },
  },
  removeProviderAccount: { responses: {} },
  createTenant: { requestBody: withJson({ name: 'Acme' }), responses: { 201: tenant } },
  listTenants: page(tenant),
  getTenant: { responses: { 200: tenant } },
  updateTenant: {
    requestBody: withJson({ weight: 3 }),
    responses: { 200: { ...tenant, weight: 3 } },
  },
  deleteTenant: { responses: {} },
  createTenantKey: {
    requestBody: withJson({ tenant_id: tenantId, ...keyIn }),
    responses: { 201: { ...tenantKey, key: apiKey } },
  },
  listTenantKeys: page(tenantKey),
  getTenantKey: { responses: { 200: tenantKey } },
  revokeTenantKey: { responses: {} },
  createProviderAccount: {
    requestBody: withJson({ tenant_id: tenantId, token: 'nmv_usr_example', max_concurrency: 50 }),
    responses: { 201: account },
  },
  listProviderAccounts: page(account),
  readProviderAccount: { responses: { 200: account } },
  updateProviderAccount: {
    requestBody: withJson({ max_concurrency: 20 }),
    responses: { 200: { ...account, max_concurrency: 20 } },
  },
  listAudit: page({
    id: 'aud_0198c0de-7000-7000-8000-000000000026',
    at,
    key_id: keyId,
    tenant_id: tenantId,
    action: 'tenant.updated',
    subject_id: tenantId,
    request_id: 'req_0198c0de-7000-7000-8000-000000000027',
    detail: { weight: 3 },
  }),
}

export const managementExamples = { ...callbacks, ...administration }
