/** Begins a conversation (api.md §2). Its session at the provider is made by its first job. */
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import { findSkill, skillNames } from '../skills/index.ts'
import type { SessionRecord, SessionStore } from '../store/sessions.ts'
import { type CreateOnceDeps, type CreateOnceOutcome, type CreateRequest, createOnce } from './create-once.ts'
import type { Fault } from './fault.ts'
import { type Refusal, readBody } from './refusal.ts'
import { SessionIn } from './session-in.ts'

export interface CreateSessionDeps extends CreateOnceDeps {
  readonly sessions: Pick<SessionStore, 'insert'>
  readonly clock: Clock
}

export interface CreateSessionInput extends CreateRequest {
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  readonly toBody: (session: SessionRecord) => object
}

export const createSession = (
  deps: CreateSessionDeps,
  input: CreateSessionInput,
): Promise<CreateOnceOutcome | Refusal> =>
  createOnce<Refusal>(deps, input, async () => {
    const body = input.body ?? {}
    const read = readBody(SessionIn, body, { malformed: input.faults, senseless: checkSkill(body) })
    if (read.outcome === 'refused') return read
    const session = toNewSession(deps, input.tenantId, read.data)
    return {
      outcome: 'draft',
      resourceId: session.id,
      status: 201,
      body: input.toBody(asMade(session)),
      insert: (answer) => deps.sessions.insert(session, answer),
    }
  })

const checkSkill = (body: unknown): Fault[] => {
  const { success, data: name } = SessionIn.shape.skill.safeParse((body as { skill?: unknown }).skill)
  if (!success || findSkill(name) !== null) return []
  return [
    {
      pointer: '/skill',
      code: 'unknown_skill',
      detail: `is not a skill; there are ${skillNames.join(', ')}`,
    },
  ]
}

const toNewSession = ({ clock }: CreateSessionDeps, tenantId: string, request: SessionIn) => ({
  id: newId('session', clock.nowMs()),
  tenantId,
  skill: request.skill,
  language: request.language ?? null,
  metadata: request.metadata,
  createdAt: new Date(clock.nowMs()),
})

const asMade = (session: ReturnType<typeof toNewSession>): SessionRecord => ({
  ...session,
  accountId: null,
  providerSessionId: null,
  providerTaskId: null,
  lostAt: null,
  openJobIds: [],
  heldJobs: 0,
  hasMedia: false,
  timeline: null,
  creditsSpent: 0,
})
