/** Hands out what opens one thing, for a while, without a key: links to files, tokens for event streams (api.md §0, §1). */
import type { Clock } from '../clock.ts'
import { signToken } from '../crypto/signed-link.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import type { JobStore } from '../store/jobs.ts'

export interface IssueTokenDeps {
  readonly artifacts: Pick<ArtifactStore, 'find'>
  readonly jobs: Pick<JobStore, 'find'>
  readonly clock: Clock
  readonly keys: { readonly links: Buffer }
}

export type IssueTokenOutcome =
  | { readonly outcome: 'issued'; readonly token: string; readonly expiresAt: Date }
  | { readonly outcome: 'not_found' }

/** Opens the file to whoever holds it, but no longer than the file is kept. */
export const issueFileToken = async (
  { artifacts, clock, keys }: IssueTokenDeps,
  {
    tenantId,
    artifactId,
    ttlS,
  }: { readonly tenantId: string; readonly artifactId: string; readonly ttlS: number },
): Promise<IssueTokenOutcome> => {
  const artifact = await artifacts.find(tenantId, artifactId)
  if (artifact === null) return { outcome: 'not_found' }
  const keptUntilMs = artifact.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
  const expiresAtMs = Math.min(clock.nowMs() + ttlS * 1000, keptUntilMs)
  const claims = { tenant_id: tenantId, artifact_id: artifactId, key_id: `link:${artifactId}` }
  return issued(signToken(keys.links, 'artifact', claims, expiresAtMs), expiresAtMs)
}

/** Opens the events of a job; its streams count as those of the key that asked for it. */
export const issueStreamToken = async (
  { jobs, clock, keys }: IssueTokenDeps,
  {
    tenantId,
    keyId,
    jobId,
    ttlS,
  }: { readonly tenantId: string; readonly keyId: string; readonly jobId: string; readonly ttlS: number },
): Promise<IssueTokenOutcome> => {
  if ((await jobs.find(tenantId, jobId)) === null) return { outcome: 'not_found' }
  const expiresAtMs = clock.nowMs() + ttlS * 1000
  const claims = { tenant_id: tenantId, job_id: jobId, key_id: keyId }
  return issued(signToken(keys.links, 'stream', claims, expiresAtMs), expiresAtMs)
}

const issued = (token: string, expiresAtMs: number): IssueTokenOutcome => ({
  outcome: 'issued',
  token,
  expiresAt: new Date(expiresAtMs),
})
