import type { Job } from '../job/job.ts'
import type { JobPatch, SideRow } from '../job/outcome.ts'
import { type Provider, ProviderError } from '../providers/provider.ts'
import { findSkill } from '../skills/index.ts'
import type { PermitRow, PermitStore } from '../store/permits.ts'
import type { Telemetry } from '../telemetry.ts'
import type { AccountDesk } from './access-provider.ts'
import { attributionOf } from './stage-context.ts'

export interface SettleInterruptedDeps {
  readonly permits: PermitStore
  readonly provider: Provider
  readonly accounts: AccountDesk
  readonly telemetry: Telemetry
  readonly platform: string
}

/** What its holder knows of a job that ends in the middle. */
export interface InterruptedRun {
  readonly job: Job
  /** How the stage before this one ended, when that is not written yet. */
  readonly owed: { readonly patch: JobPatch } | null
}

const cancelTimeoutMs = 10_000

/**
 * Tidies up after a job that ends in the middle: a render that is under way is canceled, and its messages are settled
 * (guarantees.md §2.3 "Cancel races with finish").
 */
export const settleInterrupted = async (
  deps: SettleInterruptedDeps,
  run: InterruptedRun,
  patch: JobPatch = {},
): Promise<JobPatch> => {
  await cancelOpenRender(deps, run)
  return settleOpenPermits(deps, run, patch)
}

/**
 * Closes what a job that ends leaves open, so that nothing stays reserved: a message that was accepted counts as paid,
 * one of unknown fate as at risk (guarantees.md §2.1-5, -9), unless it is known that it never left. What `patch`, or an
 * ending that is owed, closes is left to it.
 */
export const settleOpenPermits = async (
  { permits }: Pick<SettleInterruptedDeps, 'permits'>,
  { job, owed }: InterruptedRun,
  patch: JobPatch = {},
): Promise<JobPatch> => {
  const rows = [...(owed?.patch.rows ?? []), ...(patch.rows ?? [])]
  const closing = new Set(rows.flatMap((row) => (row.kind === 'permit' ? [row.id] : [])))
  const listed = (await permits.listOpen(job.id)).filter(({ id }) => !closing.has(id))
  const open: PermitRow[] = []
  for (const permit of listed)
    if (permit.state === 'accepted' || !(await permits.giveUp(permit.id))) open.push(permit)
  const reserved = (some: readonly PermitRow[]) =>
    some.reduce((sum, permit) => sum + permit.creditsReserved, 0)
  return {
    ...patch,
    creditsSpent: (patch.creditsSpent ?? job.creditsSpent) + reserved(open),
    creditsAtRisk:
      (patch.creditsAtRisk ?? job.creditsAtRisk) + reserved(open.filter(({ state }) => state === 'open')),
    rows: [...(patch.rows ?? []), ...open.map(toClosingRow)],
  }
}

const toClosingRow = ({ id, state, creditsReserved }: PermitRow): SideRow => ({
  kind: 'permit',
  id,
  state: state === 'accepted' ? 'settled' : 'unknown',
  credits_settled: creditsReserved,
  is_estimated: true,
  detail: { interrupted: true },
})

const cancelOpenRender = async (deps: SettleInterruptedDeps, { job }: InterruptedRun): Promise<void> => {
  if (job.renderId === null || (job.stage !== 'export' && job.stage !== 'render')) return
  const found = await deps.accounts.find(job)
  const skill = findSkill(job.request.skill)
  if (found.outcome !== 'ready' || skill === null) return
  const access = { token: found.token, attribution: attributionOf(skill, deps.platform) }
  try {
    await deps.provider.cancelRender(access, job.renderId, AbortSignal.timeout(cancelTimeoutMs))
  } catch (error) {
    // A render costs nothing: one that goes on unseen does no harm.
    if (!(error instanceof ProviderError)) throw error
    deps.telemetry.state('render.cancel_failed', { jobId: job.id, error })
  }
}
