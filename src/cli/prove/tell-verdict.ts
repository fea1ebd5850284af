/** The verdict, for people and for programs. */
import { type CheckName, checks, countViolations, type Verdict } from './audit.ts'
import { tally } from './dossier.ts'
import type { DrillReport } from './drill.ts'
import { type Figures, measure } from './figures.ts'
import { tellHistory } from './history.ts'

export interface ToldVerdict {
  readonly isGood: boolean
  readonly text: string
  readonly summary: object
}

/** How many of the jobs with a violation have their history told. */
const mostHistories = 3

/** Several checks make up one line of the table. */
const lines: readonly (readonly [title: string, checks: readonly CheckName[]])[] = [
  ['lost jobs', ['lost']],
  ['doubled submits', ['doubled_submits']],
  ['doubled generations', ['doubled_generations', 'unpermitted_sends']],
  ['double charges', ['double_charges', 'charge_mismatches', 'open_permits']],
  ['orphan renders', ['orphan_renders', 'doubled_renders']],
  ['undelivered callbacks', ['undelivered', 'unverified', 'unsteady_identities']],
  ['broken histories', ['stale_writes', 'event_gaps', 'doubled_ends', 'unfaithful_histories']],
  ['wrong or missing files', ['wrong_files']],
  ['unknown outcomes without a cause', ['unexplained']],
]

/** `only` names the checks that were made; all of them where it is left out. A drill has figures, too. */
export const tellVerdict = (
  report: Pick<DrillReport, 'verdict' | 'evidence' | 'faults'> & Partial<DrillReport>,
  only: readonly CheckName[] = Object.keys(checks) as CheckName[],
): ToldVerdict => {
  const { verdict, evidence, faults } = report
  const rows = lines.flatMap(([title, names]) => {
    const made = names.filter((name) => only.includes(name))
    return made.length === 0
      ? []
      : [{ title, count: sum(made.map((name) => countViolations(verdict, name))) }]
  })
  const isGood = verdict.violations.length === 0 && faults.length === 0
  const figures = isTimed(report) ? measure(report) : null
  const disturbances = Object.fromEntries(tally(evidence.disturbances, ({ name }) => name))
  return {
    isGood,
    text: [
      '',
      ...rows.map(({ title, count }) => `  ${count === 0 ? '✓' : '✗'} ${title.padEnd(34)} ${count}`),
      '',
      ...tellTallies(verdict, disturbances),
      ...(figures === null ? [] : tellPace(figures)),
      ...faults.map((fault) => `  ✗ ${fault}`),
      ...tellViolations(verdict),
      '',
      `  ${isGood ? goodNews(only) : 'Something did not hold.'}`,
    ].join('\n'),
    summary: inSnakeCase({
      checks: Object.fromEntries(only.map((name) => [name, countViolations(verdict, name)])),
      ...(figures === null
        ? tellFromOutside(verdict)
        : { ...verdict.tallies, disturbances, figures, faults }),
      violations: verdict.violations,
    }),
  }
}

const goodNews = (only: readonly CheckName[]): string =>
  only.includes('double_charges')
    ? 'Nothing was lost, doubled or paid twice.'
    : 'Nothing was lost or doubled. What was paid, the provider’s ledger alone tells.'

/** What can be counted without the service's rows and the provider's ledger. */
const tellFromOutside = ({ tallies }: Verdict): object => {
  const { accepted, succeeded, canceled, failed, failures, submitsUnanswered } = tallies
  return { accepted, succeeded, canceled, failed, failures, submitsUnanswered }
}

/** As all JSON of the service is written. Words for things that were counted, like “worker killed”, stay. */
const inSnakeCase = (object: object): object =>
  JSON.parse(
    JSON.stringify(object, (_key, value: unknown) =>
      isRecord(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, one]) => [
              key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
              one,
            ]),
          )
        : value,
    ),
  ) as object

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const tellPace = ({ rescues, jobsPerSecond }: Figures): readonly string[] => [
  ...(rescues.times === null
    ? []
    : [
        `  ${rescues.times.jobs} jobs of killed workers taken over by others within ${inSeconds(rescues.times.medianMs)} ` +
          `(median), ${inSeconds(rescues.times.maxMs)} at the latest`,
      ]),
  `  ${jobsPerSecond.toFixed(1)} jobs a second, with all that`,
]

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

const isTimed = <R extends Partial<Pick<DrillReport, 'loadMs' | 'settleMs'>>>(
  report: R,
): report is R & Pick<DrillReport, 'loadMs' | 'settleMs'> =>
  report.loadMs !== undefined && report.settleMs !== undefined

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

const tellTallies = (
  { tallies }: Verdict,
  disturbances: Readonly<Record<string, number>>,
): readonly string[] => {
  const failures = Object.entries(tallies.failures).map(([code, count]) => `${count} ${code}`)
  const done = Object.entries(disturbances).map(
    ([name, count]) => `${name} ${count === 1 ? 'once' : `${count} times`}`,
  )
  return [
    `  ${tallies.accepted} jobs: ${tallies.succeeded} succeeded, ${tallies.failed} failed, ${tallies.canceled} canceled` +
      (failures.length === 0 ? '' : ` (${failures.join(', ')})`),
    ...(tallies.outcomeUnknown === 0
      ? []
      : [
          `  ${tallies.outcomeUnknown} of them with an unknown outcome: a worker or a connection was lost with a message, and nothing`,
          '  shows what came of it. Such a message is never sent again by itself; its credits are flagged as at risk.',
        ]),
    ...(tallies.callbacksTaken === 0
      ? []
      : [`  ${tallies.callbacksTaken} callbacks taken, ${tallies.callbacksRepeated} of them more than once`]),
    ...(done.length === 0 ? [] : [`  meanwhile: ${done.join(', ')}`]),
  ]
}

const tellViolations = ({ violations, dossiers }: Verdict): readonly string[] => {
  const jobIds = [...new Set(violations.map(({ jobId }) => jobId))].slice(0, mostHistories)
  return [
    ...(violations.length === 0 ? [] : ['']),
    ...violations.map(({ check, jobId, detail }) => `  ✗ ${checks[check].title}: ${jobId} ${detail}`),
    ...jobIds.flatMap((jobId) => {
      const dossier = dossiers.find((one) => one.jobId === jobId)
      return dossier === undefined ? [] : ['', ...tellHistory(dossier).map((told) => `  ${told}`)]
    }),
  ]
}
