/** What a drill comes down to, in numbers. */
import { type CheckName, countViolations, type Verdict } from './audit.ts'
import type { Dossier } from './dossier.ts'
import type { DrillReport } from './drill.ts'
import { measureRescues, type Rescues, type RescueTimes } from './rescues.ts'

export interface Figures {
  readonly lost: number
  readonly doubledGenerations: number
  readonly doubleCharges: number
  readonly orphanRenders: number
  readonly callbacks: {
    /** Events that clients wanted to be told of. */
    readonly wanted: number
    readonly taken: number
    /** Of those that were taken, how many came under one id, however often. */
    readonly underOneId: number
  }
  readonly outcomeUnknown: { readonly jobs: number; readonly share: number; readonly unexplained: number }
  readonly rescues: Rescues
  /** From the first submit until nothing was left to do. */
  readonly jobsPerSecond: number
}

export const measure = ({
  verdict,
  evidence,
  loadMs,
  settleMs,
}: Pick<DrillReport, 'verdict' | 'evidence' | 'loadMs' | 'settleMs'>): Figures => {
  const { tallies, dossiers } = verdict
  const count = (...names: readonly CheckName[]): number =>
    names.reduce((sum, name) => sum + countViolations(verdict, name), 0)
  const ended = tallies.succeeded + tallies.failed + tallies.canceled
  return {
    lost: count('lost'),
    doubledGenerations: count('doubled_generations', 'unpermitted_sends'),
    doubleCharges: count('double_charges', 'charge_mismatches', 'open_permits'),
    orphanRenders: count('orphan_renders', 'doubled_renders'),
    callbacks: measureCallbacks(dossiers),
    outcomeUnknown: {
      jobs: tallies.outcomeUnknown,
      share: tallies.outcomeUnknown / Math.max(1, tallies.accepted),
      unexplained: count('unexplained'),
    },
    rescues: measureRescues(evidence),
    jobsPerSecond: ended / Math.max(1, (loadMs + settleMs) / 1_000),
  }
}

const measureCallbacks = (dossiers: Verdict['dossiers']): Figures['callbacks'] => {
  const each = dossiers.flatMap((dossier) => {
    const wanted = new Set(dossier.job?.callbackEvents ?? [])
    return dossier.events
      .filter(({ type }) => wanted.has(type))
      .map(({ id, type }) => idsTakenFor(dossier, id, type))
  })
  const taken = each.filter(({ isTaken }) => isTaken)
  return {
    wanted: each.length,
    taken: taken.length,
    underOneId: taken.filter(({ strangers }) => strangers === 0).length,
  }
}

/** Calls about an event carry its id; one of the same kind under an id that is no event of the job is a stranger. */
const idsTakenFor = ({ calls, events }: Dossier, eventId: string, type: string) => {
  const known = new Set(events.map(({ id }) => id))
  return {
    isTaken: calls.some(({ webhookId, status }) => webhookId === eventId && status >= 200 && status < 300),
    strangers: calls.filter((call) => call.type === type && !known.has(call.webhookId)).length,
  }
}

/** Lines of two columns. */
export const tellFigures = (figures: Figures): readonly string[] => {
  const { callbacks, jobsPerSecond, outcomeUnknown, rescues } = figures
  const lines: readonly (readonly [string, string])[] = [
    ['lost jobs', `${figures.lost}`],
    ['double generations', `${figures.doubledGenerations}`],
    ['double charges', `${figures.doubleCharges}`],
    ['orphan renders', `${figures.orphanRenders}`],
    [
      'callbacks delivered',
      `${callbacks.taken} of ${callbacks.wanted} (${percent(callbacks.taken, callbacks.wanted)}), ${callbacks.underOneId} under one id`,
    ],
    [
      'outcome unknown',
      `${outcomeUnknown.jobs} jobs (${(outcomeUnknown.share * 100).toFixed(2)} %), ${outcomeUnknown.unexplained} of them unexplained`,
    ],
    ['rescue after SIGKILL', tellRescues(rescues)],
    ['throughput', `${jobsPerSecond.toFixed(1)} jobs/s`],
  ]
  return lines.map(([title, text]) => `${title.padEnd(22)} ${text}`)
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`

const tellRescues = ({ kills, jobs, times, undisturbed }: Rescues): string => {
  if (times === null) return `nothing to rescue (${kills} kills)`
  const alone = undisturbed === null ? '' : `; with nothing else amiss ${tellTimes(undisturbed)}`
  return `${jobs} jobs after ${kills} kills: ${tellTimes(times)}${alone}`
}

const tellTimes = ({ jobs, medianMs, p99Ms, maxMs }: RescueTimes): string =>
  `median ${medianMs} ms, p99 ${p99Ms} ms, max ${maxMs} ms (${jobs} jobs)`
