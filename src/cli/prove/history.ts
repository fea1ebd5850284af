import type { Dossier } from './dossier.ts'

type Line = readonly [atMs: number, text: string]

/** Everything that is known about a job, in the order in which it happened, one line each. */
export const tellHistory = (dossier: Dossier): readonly string[] => {
  const { job, submits } = dossier
  const told = [...linesOf(dossier)].sort(([left], [right]) => left - right)
  return [
    `${dossier.jobId}: ${job === null ? 'no row' : `${job.state} in ${job.stage}, ${job.failureCode ?? 'no failure'}`}`,
    ...submits.map(({ key, statuses }) => `  submitted as ${key}, answered ${statuses.join(', ')}`),
    ...told.map(([atMs, text]) => `  ${new Date(atMs).toISOString().slice(11, 23)} ${text.trimEnd()}`),
  ]
}

const linesOf = ({ events, permits, attempts, calls, ledger }: Dossier): readonly Line[] => [
  ...events.map(
    ({ atMs, epoch, seq, type, data }): Line => [
      atMs,
      `event    ${seq} ${type} (epoch ${epoch}) ${JSON.stringify(data)}`,
    ],
  ),
  ...permits.map(
    ({ createdAtMs, messageNo, try: no, epoch, state, creditsSettled }): Line => [
      createdAtMs,
      `permit   message ${messageNo}, try ${no}, epoch ${epoch}: ${state}, ${creditsSettled ?? 'no'} credits`,
    ],
  ),
  ...attempts.map(
    ({ finishedAtMs, stage, epoch, outcome, failureCode, note }): Line => [
      finishedAtMs,
      `attempt  ${stage} (epoch ${epoch}): ${outcome} ${failureCode ?? ''} ${note ?? ''}`,
    ],
  ),
  ...calls.map(
    ({ atMs, type, webhookId, status, isVerified }): Line => [
      atMs,
      `callback ${type} ${webhookId}, ${isVerified ? 'verified' : 'not verified'}, answered ${status}`,
    ],
  ),
  ...ledger.map(({ at, seq, ...row }): Line => [Date.parse(at), `provider ${seq} ${JSON.stringify(row)}`]),
]
