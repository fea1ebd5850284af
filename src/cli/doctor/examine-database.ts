import { checkDatabase } from '../../store/check-database.ts'
import type { Store } from '../../store/client.ts'
import { readMigrationState } from '../../store/migration-state.ts'
import { readServerFacts } from '../../store/server-facts.ts'
import { adviseOnDatabase } from '../database-advice.ts'
import {
  answerWithin,
  bad,
  codeOf,
  doubtful,
  type Finding,
  good,
  reasonOf,
  skipped,
  withoutSecrets,
} from './finding.ts'
import type { Patient } from './patient.ts'

const patienceMs = 10_000

export interface DatabaseDiagnosis {
  readonly findings: readonly Finding[]
  /** How far its clock is ahead of ours; null when it cannot be reached. */
  readonly aheadMs: number | null
  readonly isMigrated: boolean
}

/** Is it there, does it hold what it should, and can it be written to? */
export const examineDatabase = async (
  { databaseUrl, isEmbedded, nowMs }: Patient,
  { pool }: Store,
): Promise<DatabaseDiagnosis> => {
  const place = isEmbedded ? 'embedded' : withoutSecrets(databaseUrl)
  const beforeMs = nowMs()
  const facts = await answerWithin(patienceMs, readServerFacts(pool)).catch((error: unknown) => ({ error }))
  if ('error' in facts) {
    const text = `${place} cannot be used: ${reasonOf(facts.error)}`
    const findings = [
      bad('database', text, adviseOnDatabase(codeOf(facts.error))),
      skipped('migrations', 'not looked at: the database is away'),
    ]
    return { findings, aheadMs: null, isMigrated: false }
  }
  const aheadMs = facts.nowMs - (beforeMs + nowMs()) / 2
  const migrations = await examineMigrations(pool, isEmbedded)
  const isMigrated = migrations.state === 'good'
  const text = `${place}, Postgres ${facts.version}`
  const database = isMigrated
    ? await examineWriting(pool, text, facts.isDurable)
    : good('database', `${text}, reached`)
  return { findings: [database, migrations], aheadMs, isMigrated }
}

const examineWriting = async (pool: Store['pool'], text: string, isDurable: boolean): Promise<Finding> => {
  try {
    await answerWithin(patienceMs, checkDatabase(pool))
  } catch (error) {
    return bad(
      'database',
      `${text}, cannot be written to: ${reasonOf(error)}`,
      adviseOnDatabase(codeOf(error)),
    )
  }
  if (isDurable) return good('database', `${text}, reached and written to`)
  return doubtful(
    'database',
    `${text}, may forget what it committed`,
    'Set fsync = on and synchronous_commit = on: an accepted job must survive a crash of the database.',
  )
}

const examineMigrations = async (pool: Store['pool'], isEmbedded: boolean): Promise<Finding> => {
  const state = await answerWithin(patienceMs, readMigrationState(pool)).catch((error: unknown) => ({
    error,
  }))
  if ('error' in state)
    return bad(
      'migrations',
      `cannot be read: ${reasonOf(state.error)}`,
      'Give the user of DATABASE_URL the right to read _prisma_migrations.',
    )
  const { pending, unknown } = state
  if (pending.length > 0 && !isEmbedded)
    return bad('migrations', `${pending.length} are missing, ${pending[0]} first`, 'Run: clipline migrate')
  if (pending.length > 0)
    return skipped('migrations', `${pending.length} are missing; “clipline up” applies them by itself`)
  if (unknown.length > 0)
    return doubtful(
      'migrations',
      `the database is newer than this Clipline (${unknown.at(-1)})`,
      'Bring this process to the version that migrated the database.',
    )
  return good('migrations', 'the schema is the newest')
}
