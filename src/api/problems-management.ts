/** Problems with what is set up once: intakes, callback endpoints, tenants. */
import type { ProblemKind } from './problem-kind.ts'

export const managementProblems = {
  invalid_signature: {
    status: 401,
    title: 'The event is not signed as the intake asks for',
    isRetryable: false,
    advice:
      'Sign the raw body with the secret of the intake, within five minutes where there is a time stamp. GET /v1/intakes/{id} shows how.',
  },
  endpoint_disabled: {
    status: 409,
    title: 'The endpoint is disabled',
    isRetryable: false,
    advice: 'Mend the receiver, then POST …/enable: disabled_reason says what had happened.',
  },
  receiver_gone: {
    status: 409,
    title: 'The receiver of the delivery is no longer there',
    isRetryable: false,
    advice: 'Its endpoint was deleted, or its job erased.',
  },
  name_taken: {
    status: 409,
    title: 'The name is taken',
    isRetryable: false,
    advice: 'Choose another one. Deleted tenants keep their names.',
  },
  account_taken: {
    status: 409,
    title: 'The tenant has a provider account already',
    isRetryable: false,
    advice: 'Change its limit with PATCH. The tenant replaces its token: PUT /v1/provider-account.',
  },
  tenant_in_use: {
    status: 409,
    title: 'The tenant cannot be deleted now',
    isRetryable: true,
    advice:
      'Cancel its unfinished jobs, or wait for them. The tenant of the key that asks cannot be deleted.',
  },
  invalid_mapping: {
    status: 422,
    title: 'The mapping is no JSONata expression',
    isRetryable: false,
    advice:
      'The errors say what is wrong and where. POST /v1/intakes/{id}/test tries one without storing it.',
  },
  mapping_failed: {
    status: 422,
    title: 'The mapping made no job of the event',
    isRetryable: false,
    advice:
      'The event is kept. Mend the mapping, then POST /v1/intakes/{id}/failures/{failure_id}/retry, or have it sent again.',
  },
  unknown_tenant: {
    status: 422,
    title: 'There is no such tenant',
    isRetryable: false,
    advice: 'GET /v1/admin/tenants lists them.',
  },
} as const satisfies Record<string, ProblemKind>
