/** What was delivered is what the provider rendered, to the byte. */
import { type Dossier, ledgerOf } from './dossier.ts'

export const findWrongArtifacts = (dossier: Dossier): readonly string[] => {
  const { job, artifacts } = dossier
  if (job === null || job.state !== 'succeeded') return []
  const artifact = artifacts.find(({ id }) => id === job.artifactId)
  if (artifact === undefined) return ['succeeded without an artifact']
  if (artifact.storedSha256 === null) return [`the file of artifact ${artifact.id} is gone`]
  if (artifact.storedSha256 !== artifact.sha256)
    return [`the file of artifact ${artifact.id} has other bytes`]
  const rendered = ledgerOf(dossier, 'render_end').filter(
    ({ render_id, status }) => render_id === job.renderId && status === 'completed',
  )
  return rendered.length === 0 || rendered.some(({ sha256 }) => sha256 === artifact.sha256)
    ? []
    : [`artifact ${artifact.id} is not what the provider rendered`]
}
