import { openQueue } from '../../queue/backend.ts'
import { readQueueServer } from '../../queue/server-version.ts'
import { bad, type Finding, good, reasonOf, skipped, within, withoutSecrets } from './finding.ts'
import type { Patient } from './patient.ts'

const patienceMs = 15_000

/** Can bells be rung, and are they kept? */
export const examineQueue = async (
  { databaseUrl, redisUrl }: Patient,
  { isMigrated }: { readonly isMigrated: boolean },
): Promise<Finding> => {
  if (redisUrl === undefined && !isMigrated)
    return skipped('queue', 'not looked at: it lives in the database, which is not ready')
  const place = redisUrl === undefined ? 'in Postgres' : withoutSecrets(redisUrl)
  const advice =
    redisUrl === undefined
      ? 'Run: clipline migrate. It makes the schema of the queue, too.'
      : 'Start Redis or Valkey, or correct REDIS_URL. Jobs are still accepted, but wait for it.'
  try {
    const server = redisUrl === undefined ? null : await within(patienceMs, readQueueServer(redisUrl))
    const text = server === null ? place : `${server} at ${place}`
    const { ok, detail = 'it cannot be written to' } = await check(databaseUrl, redisUrl)
    if (ok) return good('queue', server === null ? `${text}, written to` : `${text}, noeviction, written to`)
    return bad('queue', `${text}: ${detail}`, adviceOn(detail) ?? advice)
  } catch (error) {
    return bad('queue', `${place} cannot be used: ${reasonOf(error)}`, advice)
  }
}

const check = async (databaseUrl: string, redisUrl: string | undefined) => {
  const queue = openQueue({ databaseUrl, redisUrl })
  try {
    return await within(patienceMs, queue.check())
  } finally {
    await queue.close()
  }
}

const adviceOn = (detail: string): string | null => {
  if (detail.includes('noeviction'))
    return 'Run: redis-cli config set maxmemory-policy noeviction, and set it in redis.conf.'
  if (detail.includes('is paused')) return 'Resume the queue: somebody paused it by hand.'
  return null
}
