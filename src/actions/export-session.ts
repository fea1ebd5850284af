/** Renders what a conversation has made into a file: a job of its own that costs no credits (api.md §2). */
import type { Sealer } from '../crypto/seal.ts'
import type { OutputWish } from '../job/job.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { SessionRecord } from '../store/sessions.ts'
import { type AcceptSessionJobDeps, acceptSessionJob, newJobId } from './accept-session-job.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { toUrlFault } from './check-sources.ts'
import { toStoredCallback } from './create-job.ts'
import type { Fault } from './fault.ts'
import { type InSessionDeps, inSession, type NotInSession, type SessionRequest } from './in-session.ts'
import { hasNothingToExport, type NothingToExportDeps } from './nothing-to-export.ts'
import { type Refusal, readBody } from './refusal.ts'
import { ExportIn } from './session-in.ts'

export interface ExportSessionDeps extends AcceptSessionJobDeps, InSessionDeps, NothingToExportDeps {
  readonly sealer: Sealer
  /** May callbacks go there? */
  readonly checkCallbackUrl: (url: string) => Promise<UrlVerdict>
}

export interface ExportSessionInput extends SessionRequest {
  readonly queueBound: number
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** The answer as it will be stored under the key. */
  readonly toBody: (job: JobRecord) => Readonly<Record<string, unknown>>
}

export type ExportSessionOutcome =
  | { readonly outcome: 'created'; readonly job: JobRecord }
  | Refusal
  | { readonly outcome: 'session_lost' | 'no_draft' | 'queue_full' | 'session_full' }
  | NotInSession

export const exportSession = (
  deps: ExportSessionDeps,
  input: ExportSessionInput,
): Promise<ExportSessionOutcome> => inSession(deps, input, (session) => acceptExport(deps, input, session))

const acceptExport = async (
  deps: ExportSessionDeps,
  { keyed, queueBound, faults: others, toBody, ...input }: ExportSessionInput,
  session: SessionRecord,
): Promise<ExportSessionOutcome> => {
  const body = input.body ?? {}
  const senseless = await checkCallback(deps, body)
  const read = readBody(ExportIn, body, { malformed: others, senseless })
  if (read.outcome === 'refused') return read
  if (session.lostAt !== null) return { outcome: 'session_lost' }
  if (await hasNothingToExport(deps, session)) return { outcome: 'no_draft' }
  const { output, callback, metadata, tags } = read.data
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
