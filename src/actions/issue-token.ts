/** Hands out what opens one thing, for a while, without a key: links to files, tokens for event streams (api.md §0, §1). */
import type { Clock } from '../clock.ts'
import { signToken } from '../crypto/signed-link.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import type { BatchStore } from '../store/batches.ts'
import type { JobStore } from '../store/jobs.ts'

export interface IssueTokenDeps {
  readonly artifacts: Pick<ArtifactStore, 'find'>
  readonly jobs: Pick<JobStore, 'find'>
  readonly batches: Pick<BatchStore, 'find'>
  readonly clock: Clock
  readonly keys: { readonly links: Buffer }
}

export type IssueTokenOutcome =
  | { readonly outcome: 'issued'; readonly token: string; readonly expiresAt: Date }
  | { readonly outcome: 'not_found' }

/** Opens the file to whoever holds it, but no longer than the file is kept, nor when its maker's key was revoked. */
export const issueFileToken = async (
  { artifacts, clock, keys }: IssueTokenDeps,
  {
    tenantId,
    keyId,
    artifactId,
    ttlS,
  }: {
    readonly tenantId: string
    readonly keyId: string
    readonly artifactId: string
    readonly ttlS: number
  },
): Promise<IssueTokenOutcome> => {
  const artifact = await artifacts.find(tenantId, artifactId)
  if (artifact === null) return { outcome: 'not_found' }
  const keptUntilMs = artifact.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
  const expiresAtMs = Math.min(clock.nowMs() + ttlS * 1000, keptUntilMs)
  const claims = { tenant_id: tenantId, artifact_id: artifactId, key_id: keyId }
  return issued(signToken(keys.links, 'artifact', claims, expiresAtMs), expiresAtMs)
}

/** What a browser is to watch. */
export type Watched = { readonly jobId: string } | { readonly batchId: string }

/**
 * Opens the events of a job, or a batch, no longer than the key that asks for it is good; its streams count as those of
 * that key.
 */
export const issueStreamToken = async (
  deps: IssueTokenDeps,
  {
    tenantId,
    keyId,
    keyEndsAt,
    watched,
    ttlS,
  }: {
    readonly tenantId: string
    readonly keyId: string
    readonly keyEndsAt: Date | null
    readonly watched: Watched
    readonly ttlS: number
  },
): Promise<IssueTokenOutcome> => {
  const { jobs, batches, clock, keys } = deps
  const isThere =
    'jobId' in watched
      ? (await jobs.find(tenantId, watched.jobId)) !== null
      : (await batches.find(tenantId, watched.batchId)) !== null
  if (!isThere) return { outcome: 'not_found' }
  const expiresAtMs = Math.min(clock.nowMs() + ttlS * 1000, keyEndsAt?.getTime() ?? Number.POSITIVE_INFINITY)
  const subject = 'jobId' in watched ? { job_id: watched.jobId } : { batch_id: watched.batchId }
  const claims = { tenant_id: tenantId, ...subject, key_id: keyId }
  return issued(signToken(keys.links, 'stream', claims, expiresAtMs), expiresAtMs)
}

const issued = (token: string, expiresAtMs: number): IssueTokenOutcome => ({
  outcome: 'issued',
  token,
  expiresAt: new Date(expiresAtMs),
})
