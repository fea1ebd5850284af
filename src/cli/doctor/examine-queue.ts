import { openQueue } from '../../queue/backend.ts'
import { readQueueServer } from '../../queue/server-version.ts'
import { answerWithin, bad, type Finding, good, reasonOf, skipped, withoutSecrets } from './finding.ts'
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
  const adviceOn = redisUrl === undefined ? adviceOnPostgres : adviceOnRedis
  try {
    const server = redisUrl === undefined ? null : await answerWithin(patienceMs, readQueueServer(redisUrl))
    const text = server === null ? place : `${server} at ${place}`
    const { ok, detail = 'it cannot be written to' } = await check(databaseUrl, redisUrl)
    if (ok) return good('queue', server === null ? `${text}, written to` : `${text}, noeviction, written to`)
    return bad('queue', `${text}: ${detail}`, adviceOn(detail))
  } catch (error) {
    const reason = reasonOf(error)
    return bad('queue', `${place} cannot be used: ${reason}`, adviceOn(reason))
  }
}

const check = async (databaseUrl: string, redisUrl: string | undefined) => {
  const queue = openQueue({ databaseUrl, redisUrl })
  try {
    return await answerWithin(patienceMs, queue.check())
  } finally {
    await queue.close()
  }
}

const resume = 'Resume the queue: somebody paused it by hand.'

const adviceOnPostgres = (reason: string): string =>
  reason.includes('is paused') ? resume : 'Run: clipline migrate. It makes the schema of the queue, too.'

const adviceOnRedis = (reason: string): string => {
  if (reason.includes('is paused')) return resume
  if (reason.includes('set it to noeviction'))
    return 'Run: redis-cli config set maxmemory-policy noeviction, and set it in redis.conf.'
  // What Redis refuses begins with a word for why.
  return (
    refusals[reason.split(' ', 1)[0] ?? ''] ??
    'Start Redis or Valkey, or correct REDIS_URL. Jobs are still accepted, but wait for it.'
  )
}

const refusals: Readonly<Record<string, string>> = {
  NOAUTH: 'Put the password into REDIS_URL: there is none in it, and Redis wants one.',
  WRONGPASS: 'Correct the password in REDIS_URL (and the user, where it names one): Redis refuses it.',
  NOPERM:
    'Give the user in REDIS_URL all commands, and the keys and channels clipline:* (+@all ~clipline:* &clipline:*).',
  OOM: 'Its memory is used up: raise maxmemory of Redis, or free some. Leave its policy at noeviction.',
  MISCONF: 'Redis cannot save to its own disk: see its log.',
  READONLY: 'REDIS_URL points to a read-only replica: name the primary.',
}
