import { systemClock } from '../clock.ts'
import { openStore } from '../store/client.ts'
import { EmbeddedPostgresFailure } from '../store/embedded-failure.ts'
import { parseArguments } from './arguments.ts'
import { examineClock } from './doctor/examine-clock.ts'
import { examineDatabase } from './doctor/examine-database.ts'
import { examineDisk } from './doctor/examine-disk.ts'
import { examineProvider } from './doctor/examine-provider.ts'
import { examineQueue } from './doctor/examine-queue.ts'
import { examineStorage } from './doctor/examine-storage.ts'
import { bad, codeOf, type Finding, reasonOf } from './doctor/finding.ts'
import { findPatient, type Patient } from './doctor/patient.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { findFolderAdvice } from './folder-advice.ts'
import { readConfig } from './settings.ts'

const signs = { good: '✓', doubtful: '!', bad: '✗', skipped: '–' } as const
const partWidth = 10

/** Examines what the service stands on, as this process sees it, and says what to do about what is wrong. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('doctor', args, { options: {} })
  const findings: Finding[] = []
  for await (const finding of examine()) {
    findings.push(finding)
    process.stdout.write(values.json ? `${JSON.stringify(finding)}\n` : toLines(finding))
  }
  const count = (state: Finding['state']): number => findings.filter((each) => each.state === state).length
  const isHealthy = count('bad') === 0
  const summary = { healthy: isHealthy, bad: count('bad'), doubtful: count('doubtful') }
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `\n${toWords(summary)}\n`)
  return isHealthy ? exitCodes.ok : exitCodes.failed
}

async function* examine(): AsyncGenerator<Finding, void, undefined> {
  const config = readConfig()
  const patient = await findPatient(config, systemClock.nowMs).catch((error: unknown) => {
    if (error instanceof CommandFailed) throw error
    return { error }
  })
  if ('error' in patient)
    yield bad(
      'database',
      `the embedded Postgres does not start: ${reasonOf(patient.error)}`,
      adviceOnEmbedded(patient.error),
    )
  else yield* examinePatient(patient)
}

async function* examinePatient(patient: Patient): AsyncGenerator<Finding, void, undefined> {
  const store = openStore({ databaseUrl: patient.databaseUrl })
  try {
    const database = await examineDatabase(patient, store)
    yield* database.findings
    yield await examineQueue(patient, database)
    yield await examineStorage(patient)
    const provider = await examineProvider(patient)
    yield provider.finding
    yield examineClock({ database: database.aheadMs, provider: provider.aheadMs })
    yield* await examineDisk(patient)
  } finally {
    await store.close()
    await patient.stop()
  }
}

const adviceOnEmbedded = (error: unknown): string => {
  const known = error instanceof EmbeddedPostgresFailure ? error.advice : null
  return known ?? findFolderAdvice(codeOf(error), 'DATA_DIR') ?? 'See the README, “Quick start”.'
}

const toLines = ({ part, state, text, advice }: Finding): string => {
  const line = `  ${signs[state]} ${part.padEnd(partWidth)}  ${text}\n`
  return advice === null ? line : `${line}    ${' '.repeat(partWidth)}  → ${advice}\n`
}

const toWords = (summary: { readonly bad: number; readonly doubtful: number }): string => {
  if (summary.bad > 0)
    return `${summary.bad} to mend${summary.doubtful > 0 ? `, ${summary.doubtful} to watch` : ''}.`
  return summary.doubtful > 0 ? `It works; ${summary.doubtful} to watch.` : 'Everything is in order.'
}
