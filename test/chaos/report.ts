import { type CheckName, checks, countViolations, type Verdict } from '../../src/cli/prove/audit.ts'
import { tally } from '../../src/cli/prove/dossier.ts'
import type { DrillReport } from '../../src/cli/prove/drill.ts'
import { measure, tellFigures } from '../../src/cli/prove/figures.ts'
import { tellHistory } from '../../src/cli/prove/history.ts'
import type { ChaosRun } from './chaos-run.ts'

/** How many jobs with a violation have their history told. */
const mostHistories = 5

/** Everything that did not hold, in words. */
export const judge = (
  report: DrillReport,
  run: ChaosRun,
  { isShort }: { readonly isShort: boolean },
): readonly string[] => [
  ...(Object.keys(checks) as CheckName[]).flatMap((check) => {
    const count = countViolations(report.verdict, check)
    return count === 0 ? [] : [`${checks[check].invariant}: ${count} ${checks[check].title}`]
  }),
  ...report.faults,
  ...run.demand(report),
  ...(isShort ? [] : (run.demandOfPace?.(report) ?? [])),
]

export const tellReport = (report: DrillReport, complaints: readonly string[]): string => {
  const { verdict, evidence, accidents } = report
  const rows = (Object.keys(checks) as CheckName[]).map((check): readonly [string, number] => [
    `${checks[check].invariant.padEnd(6)} ${checks[check].title}`,
    countViolations(verdict, check),
  ])
  return [
    '',
    ...rows.map(([title, count]) => `  ${count === 0 ? 'ok  ' : 'FAIL'} ${title.padEnd(46)} ${count}`),
    '',
    ...tellTallies(verdict),
    `  disturbances ${tellDisturbances(report)}`,
    `  attempts ${tellCounts(evidence.attempts.map(({ outcome }) => outcome))}`,
    `  messages ${tellCounts(evidence.ledger.flatMap((row) => (row.kind === 'message' ? [row.verdict] : [])))}`,
    `  events ${evidence.events.length}, provider's ledger ${evidence.ledger.length} rows`,
    `  load ${seconds(report.loadMs)}, rest ${seconds(report.settleMs)}`,
    '',
    ...tellFigures(measure(report)).map((line) => `  ${line}`),
    ...(accidents.length === 0 ? [] : ['', ...tellAccidents(accidents)]),
    ...tellViolations(verdict),
    '',
    ...(complaints.length === 0
      ? ['  All held.']
      : complaints.map((complaint) => `  did not hold: ${complaint}`)),
  ].join('\n')
}

/** A process that could not start has quoted what it said last. */
const tellAccidents = (accidents: readonly string[]): readonly string[] =>
  [...tally(accidents, (accident) => accident.split('\n').slice(0, 2).join(' '))].map(
    ([accident, count]) => `  accident, ${count} times: ${accident.slice(0, 300)}`,
  )

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

const tellTallies = ({ tallies }: Verdict): readonly string[] => {
  const { failures, ...counts } = tallies
  const failed = Object.entries(failures).map(([code, count]) => `${code} ${count}`)
  return [
    `  ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...(failed.length === 0 ? [] : [`  failures: ${failed.join(', ')}`]),
  ]
}

const tellDisturbances = ({ evidence }: DrillReport): string =>
  tellCounts(evidence.disturbances.map(({ name }) => name))

const tellCounts = (words: readonly string[]): string =>
  [...tally(words, (word) => word)].map(([word, count]) => `${word} ${count}`).join(', ') || 'none'

const tellViolations = ({ violations, dossiers }: Verdict): readonly string[] => {
  const jobIds = [...new Set(violations.map(({ jobId }) => jobId))].slice(0, mostHistories)
  return [
    ...violations
      .slice(0, 50)
      .map(({ check, jobId, detail }) => `  ${checks[check].title}: ${jobId} ${detail}`),
    ...jobIds.flatMap((jobId) => {
      const dossier = dossiers.find((one) => one.jobId === jobId)
      return dossier === undefined ? [] : ['', ...tellHistory(dossier)]
    }),
  ]
}
