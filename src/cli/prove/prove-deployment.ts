/** The proof at a deployment that is given: jobs go in by its API and are judged by what it shows. Nothing is disturbed. */
import { randomBytes } from 'node:crypto'
import { clientEnvironment } from '../../config.ts'
import { CommandFailed, exitCodes } from '../exit.ts'
import { audit, type CheckName } from './audit.ts'
import type { Amount } from './drill.ts'
import { toDrillJob } from './drill-jobs.ts'
import type { Evidence, Submit } from './evidence.ts'
import { startLoad } from './load.ts'
import { createProofView } from './proof-view.ts'
import { connectToProve, type ProvenService } from './proven-service.ts'
import { createSeededRandom } from './seeded-random.ts'
import { tellVerdict } from './tell-verdict.ts'

/** What can be judged from outside. Whether the provider was paid twice, its ledger alone would tell. */
const outsideChecks: readonly CheckName[] = [
  'lost',
  'doubled_submits',
  'event_gaps',
  'doubled_ends',
  'wrong_files',
]

const window = 16
const submitPatienceMs = 120_000
const jobPatienceMs = 60 * 60_000

export const proveDeployment = async ({
  amount,
  isJson,
}: {
  readonly amount: Amount & { readonly jobs: number }
  readonly isJson: boolean
}): Promise<number> => {
  const { url, apiKey } = clientEnvironment()
  if (apiKey === null)
    throw new CommandFailed(
      exitCodes.usage,
      'CLIPLINE_API_KEY is needed: a key with jobs:read and jobs:write.',
    )
  const service = connectToProve({ url, apiKey })
  await service.ping()
  const view = createProofView(process.stdout, { isJson })
  view.begin(
    `Proving ${url} with ${amount.jobs === 1 ? 'one job' : `${amount.jobs} jobs`}: nothing is disturbed there.\n`,
  )
  view.stage('loading')
  const submits = await submitAndWait(service, { url, apiKey, amount, onProgress: view.progress })
  view.stage('auditing')
  const evidence = await collect(service, submits)
  const verdict = audit(evidence, outsideChecks)
  const { isGood, text, summary } = tellVerdict({ verdict, evidence, faults: [] }, outsideChecks)
  view.end(text, { proven: isGood, ...summary })
  return isGood ? exitCodes.ok : exitCodes.failed
}

const submitAndWait = async (
  service: ProvenService,
  given: {
    readonly url: string
    readonly apiKey: string
    readonly amount: Amount & { readonly jobs: number }
    readonly onProgress: (progress: { readonly accepted: number; readonly ended: number }) => void
  },
): Promise<readonly Submit[]> => {
  const toBody = toDrillJob(0)
  const { jobs, minutes = Number.POSITIVE_INFINITY } = given.amount
  const endAtMs = performance.now() + minutes * 60_000
  let ended = 0
  const waits: Promise<void>[] = []
  const load = startLoad({
    url: given.url,
    apiKey: given.apiKey,
    name: `prove-${randomBytes(4).toString('hex')}`,
    wants: (no) => no < jobs && performance.now() < endAtMs,
    window,
    ended: () => ended,
    bodyOf: (no) => toBody(no, createSeededRandom(no)),
    patienceMs: submitPatienceMs,
    onAnswer: ({ jobId }) => {
      if (jobId === null) return
      const wait = service.untilEnded(jobId, jobPatienceMs).then(() => {
        ended += 1
        given.onProgress({ accepted: load.submits.length, ended })
      })
      waits.push(wait)
    },
  })
  await load.done
  await Promise.all(waits)
  return load.submits
}

const collect = async (service: ProvenService, submits: readonly Submit[]): Promise<Evidence> => {
  const jobs = (await Promise.all(submits.map(({ key }) => service.listJobsOf(key)))).flat()
  const events = await Promise.all(jobs.map(({ id }) => service.listEvents(id)))
  const artifacts = await Promise.all(jobs.map((job) => service.hashArtifact(job)))
  return {
    submits,
    jobs: jobs.map(({ artifact: _, ...job }) => job),
    events: events.flat(),
    artifacts: artifacts.flat(),
    permits: [],
    attempts: [],
    deliveries: [],
    ledger: [],
    calls: [],
    disturbances: [],
    areMarksKept: false,
  }
}
