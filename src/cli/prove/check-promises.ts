/** I1 and I10: whatever was accepted ends, and one key makes one job. */
import { type Dossier, hasEnded } from './dossier.ts'

/** An accepted job that has no row, or has come to no end. */
export const findLost = ({ submits, job }: Dossier): readonly string[] => {
  if (submits.length === 0) return []
  if (job === null) return ['was accepted and has no row']
  return hasEnded(job) ? [] : [`was accepted and is still ${job.state} in ${job.stage}`]
}

/** A key that stands for more than one job, or a job that was promised under a key that it was not made with. */
export const findDoubledSubmits = ({ submits, job }: Dossier): readonly string[] => {
  const keys = new Set(submits.map(({ key }) => key))
  if (keys.size > 1) return [`was promised under ${keys.size} keys`]
  const [key] = keys
  if (job === null || job.key === null || key === job.key) return []
  return key === undefined
    ? [`was made under ${job.key}, and nobody was told`]
    : [`was made under ${job.key} and promised under ${key}`]
}
