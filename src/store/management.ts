import type { Pool } from 'pg'
import { type AuditLog, createAuditLog } from './audit-log.ts'
import { type BatchResultStore, createBatchResultStore } from './batch-results.ts'
import { type BatchStore, createBatchStore } from './batches.ts'
import { type BudgetStore, createBudgetStore } from './budgets.ts'
import { createEndpointStore, type EndpointStore } from './callback-endpoints.ts'
import { type CallbackSecretStore, createCallbackSecretStore } from './callback-secrets.ts'
import { createDeliveryLog, type DeliveryLog } from './delivery-log.ts'
import type { PrismaClient } from './generated/client.ts'
import { createIntakeEventStore, type IntakeEventStore } from './intake-events.ts'
import { createIntakeFailureStore, type IntakeFailureStore } from './intake-failures.ts'
import { createIntakeStore, type IntakeStore } from './intakes.ts'
import { createKeyDirectory, type KeyDirectory } from './key-directory.ts'
import { createOwnAccountStore, type OwnAccountStore } from './own-accounts.ts'
import { createSessionStore, type SessionStore } from './sessions.ts'
import { createTallyStore, type TallyStore } from './tallies.ts'
import { createTenantDirectory, type TenantDirectory } from './tenant-directory.ts'
import { createTenantStore, type TenantStore } from './tenants.ts'
import { createUsageStore, type UsageStore } from './usage.ts'

/** What tenants and administrators manage: batches, conversations, callbacks, keys, tenants, provider accounts. */
export interface ManagementStores {
  readonly sessions: SessionStore
  readonly endpoints: EndpointStore
  readonly deliveryLog: DeliveryLog
  readonly callbackSecrets: CallbackSecretStore
  readonly tenants: TenantStore
  readonly keyDirectory: KeyDirectory
  readonly tenantDirectory: TenantDirectory
  readonly ownAccounts: OwnAccountStore
  readonly auditLog: AuditLog
  readonly batches: BatchStore
  readonly batchResults: BatchResultStore
  readonly tallies: TallyStore
  readonly budgets: BudgetStore
  readonly usage: UsageStore
  readonly intakes: IntakeStore
  readonly intakeEvents: IntakeEventStore
  readonly intakeFailures: IntakeFailureStore
}

export const createManagementStores = (deps: {
  readonly pool: Pool
  readonly prisma: PrismaClient
}): ManagementStores => ({
  sessions: createSessionStore(deps),
  endpoints: createEndpointStore(deps),
  deliveryLog: createDeliveryLog(deps),
  callbackSecrets: createCallbackSecretStore(deps),
  tenants: createTenantStore(deps),
  keyDirectory: createKeyDirectory(deps),
  tenantDirectory: createTenantDirectory(deps),
  ownAccounts: createOwnAccountStore(deps),
  auditLog: createAuditLog(deps),
  batches: createBatchStore(deps),
  batchResults: createBatchResultStore(deps),
  tallies: createTallyStore(deps),
  budgets: createBudgetStore(deps),
  usage: createUsageStore(deps),
  intakes: createIntakeStore(deps),
  intakeEvents: createIntakeEventStore(deps),
  intakeFailures: createIntakeFailureStore(deps),
})
