/**
 * Checks what a client wants to be made, by schema and by sense, and names everything that is wrong at once (api.md
 * §0). Nothing is stored.
 */
import type { Clock } from '../clock.ts'
import type { Warning } from '../job/outcome.ts'
import { checkInputs, findSkill, type InputFacts, type Skill } from '../skills/index.ts'
import type { UploadRecord, UploadStore } from '../store/uploads.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { type Fault, pointerTo, toFaults } from './fault.ts'
import { JobIn } from './job-in.ts'

export interface CheckJobDeps {
  readonly uploads: Pick<UploadStore, 'findAll'>
  readonly clock: Clock
  /** May callbacks go there? */
  readonly checkCallbackUrl: (url: string) => Promise<UrlVerdict>
  /** May an input come from there? */
  readonly checkSourceUrl: (url: string) => Promise<UrlVerdict>
}

export type CheckedJob =
  | {
      readonly outcome: 'acceptable'
      readonly request: JobIn
      readonly skill: Skill
      readonly creditsEstimated: number
      readonly warnings: readonly Warning[]
    }
  | {
      readonly outcome: 'refused'
      /** Some fault is against the schema; otherwise all are of sense only. */
      readonly isMalformed: boolean
      readonly faults: readonly Fault[]
    }

/** What of the body can be judged by sense: the fields that fit the schema. */
type Readable = Partial<JobIn>

const farthestRunMs = 366 * 86_400_000

export const checkJob = async (deps: CheckJobDeps, tenantId: string, body: unknown): Promise<CheckedJob> => {
  const parsed = JobIn.safeParse(body)
  const malformed = parsed.success ? [] : toFaults(JobIn, body, parsed.error.issues)
  const readable = parsed.success ? parsed.data : salvage(body)
  const skill = readable.skill === undefined ? null : findSkill(readable.skill)
  const senseless = (
    await Promise.all([
      checkSkill(readable.skill, skill),
      checkAllInputs(deps, tenantId, readable.inputs ?? [], skill),
      checkCallback(deps, readable.callback?.url),
      checkTimes(deps.clock, readable.run_at),
      checkSession(readable.session_id),
    ])
  ).flat()
  const faults = [...malformed, ...senseless]
  if (!parsed.success || skill === null || faults.length > 0)
    return { outcome: 'refused', isMalformed: malformed.length > 0, faults }
  const creditsEstimated = estimateCredits(skill, parsed.data)
  const warnings = warningsOf(parsed.data, creditsEstimated)
  return { outcome: 'acceptable', request: parsed.data, skill, creditsEstimated, warnings }
}

/** The fields of a body that is wrong as a whole, each where it is right by itself. */
const salvage = (body: unknown): Readable => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {}
  const fields = Object.entries(JobIn.shape).flatMap(([name, schema]) => {
    const { success, data } = schema.safeParse((body as Record<string, unknown>)[name])
    return success ? [[name, data] as const] : []
  })
  return Object.fromEntries(fields) as Readable
}

const checkSkill = (name: string | undefined, skill: Skill | null): Fault[] =>
  name === undefined || skill !== null
    ? []
    : [{ pointer: '/skill', code: 'unknown_skill', detail: 'is not a skill; GET /v1/skills lists them' }]

const checkCallback = async (deps: CheckJobDeps, url: string | undefined): Promise<Fault[]> =>
  url === undefined ? [] : toUrlFault('/callback/url', await deps.checkCallbackUrl(url))

const checkTimes = (clock: Clock, runAt: string | undefined): Fault[] => {
  if (runAt === undefined || Date.parse(runAt) <= clock.nowMs() + farthestRunMs) return []
  return [{ pointer: '/run_at', code: 'out_of_range', detail: 'must be at most a year from now' }]
}

const checkSession = (sessionId: string | undefined): Fault[] =>
  sessionId === undefined
    ? []
    : [{ pointer: '/session_id', code: 'not_supported', detail: 'conversations are not available yet' }]

const toUrlFault = (pointer: string, verdict: UrlVerdict): Fault[] =>
  verdict.ok ? [] : [{ pointer, code: 'url_not_allowed', detail: verdict.detail }]

const unjudged: InputFacts = { kind: null, contentType: null, sizeBytes: null }

const checkAllInputs = async (
  deps: CheckJobDeps,
  tenantId: string,
  inputs: JobIn['inputs'],
  skill: Skill | null,
): Promise<Fault[]> => {
  const uploadIds = inputs.flatMap((input) => ('upload_id' in input ? [input.upload_id] : []))
  const found = uploadIds.length === 0 ? [] : await deps.uploads.findAll(tenantId, uploadIds)
  const uploads = new Map(found.map((upload) => [upload.id, upload]))
  const reachable = await Promise.all(
    inputs.map(async (input, index) => {
      if ('url' in input)
        return toUrlFault(pointerTo(['inputs', index, 'url']), await deps.checkSourceUrl(input.url))
      return uploads.has(input.upload_id) ? [] : [unknownUpload(index)]
    }),
  )
  return [...reachable.flat(), ...(skill === null ? [] : checkByRules(skill, inputs, uploads))]
}

const unknownUpload = (index: number): Fault => ({
  pointer: pointerTo(['inputs', index, 'upload_id']),
  code: 'unknown_upload',
  detail: 'is no upload of yours; it may have expired',
})

const checkByRules = (
  skill: Skill,
  inputs: JobIn['inputs'],
  uploads: ReadonlyMap<string, UploadRecord>,
): Fault[] => {
  const facts = inputs.map(
    (input): InputFacts => ('upload_id' in input ? (uploads.get(input.upload_id) ?? unjudged) : unjudged),
  )
  return checkInputs(skill, facts).map(({ index, code, detail }) => ({
    pointer: pointerTo(index === null ? ['inputs'] : ['inputs', index]),
    code,
    detail,
  }))
}

/** The skill's own estimate: the prompt is a generation, each step an edit (guarantees.md §2.1-9). */
const estimateCredits = ({ creditEstimates }: Skill, { steps }: JobIn): number =>
  creditEstimates.generation + steps.length * creditEstimates.edit

const warningsOf = ({ max_credits }: JobIn, creditsEstimated: number): Warning[] =>
  max_credits !== undefined && max_credits < creditsEstimated
    ? [
        {
          code: 'estimate_over_budget',
          message: `about ${creditsEstimated} credits are needed, and max_credits is ${max_credits}`,
        },
      ]
    : []
