/** Renders what a conversation has made into a file: a job of its own that costs no credits (api.md §2). */
import type { Sealer } from '../crypto/seal.ts'
import type { OutputWish } from '../job/job.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { SessionRecord, SessionStore } from '../store/sessions.ts'
import { type AcceptSessionJobDeps, acceptSessionJob, newJobId } from './accept-session-job.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { toUrlFault } from './check-sources.ts'
import { toStoredCallback } from './create-job.ts'
import { type Fault, toFaults } from './fault.ts'
import { findReplay, type IdempotencyGate, type KeyedRequest, type Replay } from './idempotency.ts'
import { ExportIn } from './session-in.ts'

export interface ExportSessionDeps extends AcceptSessionJobDeps {
  readonly sessions: Pick<SessionStore, 'find'>
  readonly gate: IdempotencyGate
  readonly sealer: Sealer
  /** May callbacks go there? */
  readonly checkCallbackUrl: (url: string) => Promise<UrlVerdict>
}

export interface ExportSessionInput {
  readonly tenantId: string
  readonly sessionId: string
  readonly queueBound: number
  readonly body: unknown
  readonly keyed: KeyedRequest | null
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** The answer as it will be stored under the key. */
  readonly toBody: (job: JobRecord) => Readonly<Record<string, unknown>>
}

export type ExportSessionOutcome =
  | { readonly outcome: 'created'; readonly job: JobRecord }
  | { readonly outcome: 'refused'; readonly isMalformed: boolean; readonly faults: readonly Fault[] }
  | {
      readonly outcome:
        | 'not_found'
        | 'session_lost'
        | 'no_draft'
        | 'in_flight'
        | 'queue_full'
        | 'session_full'
    }
  | Replay

export const exportSession = async (
  deps: ExportSessionDeps,
  input: ExportSessionInput,
): Promise<ExportSessionOutcome> => {
  const { tenantId, keyed } = input
  const leave = keyed === null ? () => undefined : deps.gate.enter(tenantId, keyed)
  if (leave === null) return { outcome: 'in_flight' }
  try {
    const session = await deps.sessions.find(tenantId, input.sessionId)
    if (session === null) return { outcome: 'not_found' }
    const replay = keyed === null ? null : await findReplay(deps.idempotency, tenantId, keyed)
    return replay ?? (await acceptExport(deps, input, session))
  } finally {
    leave()
  }
}

const acceptExport = async (
  deps: ExportSessionDeps,
  { keyed, queueBound, faults: others, toBody, ...input }: ExportSessionInput,
  session: SessionRecord,
): Promise<ExportSessionOutcome> => {
  const body = input.body ?? {}
  const parsed = ExportIn.safeParse(body)
  const malformed = [...others, ...(parsed.success ? [] : toFaults(ExportIn, body, parsed.error.issues))]
  const faults = [...malformed, ...(await checkCallback(deps, body))]
  if (!parsed.success || faults.length > 0)
    return { outcome: 'refused', isMalformed: malformed.length > 0, faults }
  if (session.lostAt !== null) return { outcome: 'session_lost' }
  if (session.providerSessionId === null && session.openJobIds.length === 0) return { outcome: 'no_draft' }
  const { output, callback, metadata, tags } = parsed.data
  const id = newJobId(deps.clock)
  const owner = { rowId: id, tenantId: session.tenantId }
  return acceptSessionJob(deps, {
    session,
    keyed,
    queueBound,
    toBody,
    jobField: null,
    job: {
      id,
      purpose: 'export',
      prompt: '',
      creditsEstimated: 0,
      output: output as OutputWish,
      callback: toStoredCallback(deps.sealer, callback, owner),
      metadata,
      tags,
    },
  })
}

/** The address is judged even where the rest is not right. */
const checkCallback = async (deps: ExportSessionDeps, body: unknown): Promise<Fault[]> => {
  const given = (body as { readonly callback?: unknown } | null)?.callback
  const { data: callback } = ExportIn.shape.callback.safeParse(given)
  return callback === undefined ? [] : toUrlFault('/callback/url', await deps.checkCallbackUrl(callback.url))
}
