/**
 * Checks what a client wants to be made, by schema and by sense, and names everything that is wrong at once (api.md
 * §0). Nothing is stored.
 */
import type { Clock } from '../clock.ts'
import type { Warning } from '../job/outcome.ts'
import { findSkill, type Skill } from '../skills/index.ts'
import type { SessionRecord, SessionStore } from '../store/sessions.ts'
import { findCallbackUrl } from './callback-in.ts'
import { checkOwnBudget } from './check-budget.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { type CheckSourcesDeps, checkSources, type Sources, toUrlFault } from './check-sources.ts'
import type { CreditEstimates, MessageCredits } from './credit-estimates.ts'
import { type Fault, toFaults } from './fault.ts'
import { JobIn } from './job-in.ts'
import { salvageFields, salvageInputs } from './salvage.ts'
import { openJobRoom, sessionFull } from './session-room.ts'

export interface CheckJobDeps extends CheckSourcesDeps {
  readonly sessions: Pick<SessionStore, 'find'>
  readonly estimates: CreditEstimates
  readonly clock: Clock
  /** May callbacks go there? */
  readonly checkCallbackUrl: (url: string) => Promise<UrlVerdict>
}

export type CheckedJob =
  | {
      readonly outcome: 'acceptable'
      readonly request: JobIn
      readonly skill: Skill
      /** The conversation that the job belongs to. */
      readonly session: SessionRecord | null
      readonly creditsEstimated: number
      /** Of its prompt alone: without that much it cannot begin. */
      readonly promptCredits: number
      readonly warnings: readonly Warning[]
    }
  | {
      readonly outcome: 'refused'
      /** Some fault is against the schema; otherwise all are of sense only. */
      readonly isMalformed: boolean
      readonly faults: readonly Fault[]
    }

/** What of the body can be judged by sense: the fields that fit the schema, and of the inputs each one that does. */
type Readable = Partial<Omit<JobIn, 'inputs'> & Pick<Sources, 'inputs'>>

const farthestRunMs = 366 * 86_400_000

export const checkJob = (deps: CheckJobDeps, tenantId: string, body: unknown): Promise<CheckedJob> =>
  judge(deps, tenantId, body, checkRoom)

/** The same for a line of a batch: whether its conversation has room depends on the other lines (session-room.ts). */
export const checkJobOfLine = (deps: CheckJobDeps, tenantId: string, body: unknown): Promise<CheckedJob> =>
  judge(deps, tenantId, body, () => [])

const judge = async (
  deps: CheckJobDeps,
  tenantId: string,
  body: unknown,
  judgeRoom: typeof checkRoom,
): Promise<CheckedJob> => {
  const parsed = JobIn.safeParse(body)
  const malformed = parsed.success ? [] : toFaults(JobIn, body, parsed.error.issues)
  const readable: Readable = parsed.success
    ? parsed.data
    : { ...salvageFields(JobIn, body), inputs: salvageInputs(body) }
  const session =
    readable.session_id === undefined ? null : await deps.sessions.find(tenantId, readable.session_id)
  const skillName = session === null || isNamed(body, 'skill') ? readable.skill : session.skill
  const skill = skillName === undefined ? null : findSkill(skillName)
  const payer = { tenantId, accountId: session?.accountId ?? null }
  const credits = skill === null ? null : deps.estimates.of(payer, skill)
  const senseless = (
    await Promise.all([
      checkSession(readable.session_id, session),
      judgeRoom(session),
      checkSkillOfSession(isNamed(body, 'skill') ? readable.skill : undefined, session),
      checkSkill(skillName, skill),
      checkSources(deps, tenantId, {
        inputs: readable.inputs ?? [],
        skill,
        hasMediaAlready: session?.hasMedia === true,
      }),
      checkCallback(deps, findCallbackUrl(body)),
      checkTimes(deps.clock, readable.run_at),
      checkOwnBudget(credits?.generation ?? 0, readable),
    ])
  ).flat()
  const faults = [...malformed, ...senseless]
  if (!parsed.success || skill === null || credits === null || faults.length > 0)
    return { outcome: 'refused', isMalformed: malformed.length > 0, faults }
  const creditsEstimated = estimateCredits(credits, parsed.data)
  const warnings = warningsOf(parsed.data, creditsEstimated)
  const language = parsed.data.language ?? session?.language ?? undefined
  const request = { ...parsed.data, skill: skill.name, language }
  const promptCredits = credits.generation
  return { outcome: 'acceptable', request, skill, session, creditsEstimated, promptCredits, warnings }
}

const isNamed = (body: unknown, field: keyof JobIn): boolean =>
  typeof body === 'object' && body !== null && (body as Partial<JobIn>)[field] !== undefined

const checkSkill = (name: string | undefined, skill: Skill | null): Fault[] =>
  name === undefined || skill !== null
    ? []
    : [{ pointer: '/skill', code: 'unknown_skill', detail: 'is not a skill; GET /v1/skills lists them' }]

const checkCallback = async (deps: CheckJobDeps, url: string | null): Promise<Fault[]> =>
  url === null ? [] : toUrlFault('/callback/url', await deps.checkCallbackUrl(url))

const checkTimes = (clock: Clock, runAt: string | undefined): Fault[] => {
  if (runAt === undefined || Date.parse(runAt) <= clock.nowMs() + farthestRunMs) return []
  return [{ pointer: '/run_at', code: 'out_of_range', detail: 'must be at most a year from now' }]
}

const checkSession = (sessionId: string | undefined, session: SessionRecord | null): Fault[] => {
  const pointer = '/session_id'
  if (sessionId === undefined) return []
  if (session === null) return [{ pointer, code: 'unknown_session', detail: 'is no conversation of yours' }]
  if (session.lostAt !== null)
    return [{ pointer, code: 'session_lost', detail: 'is a conversation that the provider no longer knows' }]
  return []
}

const checkRoom = (session: SessionRecord | null): Fault[] =>
  session === null || session.lostAt !== null || openJobRoom(session) > 0 ? [] : [sessionFull]

/** A skill that is named is not replaced silently by that of the conversation. */
const checkSkillOfSession = (name: string | undefined, session: SessionRecord | null): Fault[] =>
  session === null || name === undefined || name === session.skill
    ? []
    : [
        {
          pointer: '/skill',
          code: 'session_skill_differs',
          detail: `must be left out, or be ${session.skill} as that of the conversation`,
        },
      ]

/** The prompt is a generation, each step an edit (guarantees.md §2.1-9). */
const estimateCredits = ({ generation, edit }: MessageCredits, { steps }: JobIn): number =>
  generation + steps.length * edit

const warningsOf = ({ max_credits }: JobIn, creditsEstimated: number): Warning[] =>
  max_credits !== undefined && max_credits < creditsEstimated
    ? [
        {
          code: 'estimate_over_budget',
          message: `about ${creditsEstimated} credits are needed, and max_credits is ${max_credits}`,
        },
      ]
    : []
