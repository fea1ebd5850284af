import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import type { AuditAction, AuditRecord } from '../store/audit-log.ts'

/** The one who does something that is audited. */
export interface Actor {
  readonly keyId: string
  readonly requestId: string
}

/** An entry of the audit log for what `actor` does now. `detail` holds no secret. */
export const toAuditEntry = (
  clock: Clock,
  actor: Actor,
  deed: {
    readonly action: AuditAction
    readonly tenantId: string
    readonly subjectId: string
    readonly detail?: Readonly<Record<string, unknown>>
  },
): AuditRecord => ({
  id: newId('audit', clock.nowMs()),
  at: new Date(clock.nowMs()),
  keyId: actor.keyId,
  requestId: actor.requestId,
  detail: {},
  ...deed,
})
