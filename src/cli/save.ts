import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CommandFailed, exitCodes } from './exit.ts'
import type { Service, ShownJob } from './service.ts'

/** Downloads a job's artifact to a file and checks it against the SHA-256 that the job states. */
export const saveArtifact = async (service: Service, job: ShownJob, file: string): Promise<string> => {
  if (job.artifact === null) throw new CommandFailed(exitCodes.failed, `job ${job.id} has no artifact`)
  const path = resolve(file)
  await mkdir(dirname(path), { recursive: true })
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(await service.download(job.artifact.id), hashing, createWriteStream(`${path}.part`))
  if (hash.digest('hex') !== job.artifact.sha256)
    throw new CommandFailed(
      exitCodes.failed,
      'the downloaded file does not have the SHA-256 that the job states',
    )
  await rename(`${path}.part`, path)
  return path
}
