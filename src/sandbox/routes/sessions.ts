import { type Answer, refuseByCode, refuseByStatus, success } from '../answer.ts'
import { type Route, type SignedCall, textField } from '../call.ts'
import { claimTokenLifeS, newClaimToken } from '../claims.ts'
import { findSessionFor } from '../find-session.ts'
import type { Parts } from '../parts.ts'
import { emptyState } from '../session-state.ts'
import { newSession, type Session } from '../sessions.ts'

const longestTaskName = 500

/** Creating a task with its session (§2.3), reading its state (§2.7), and the link into a browser (§2.12). */
export const sessionRoutes = (parts: Parts): readonly Route[] => [
  {
    method: 'POST',
    path: '/api/tasks/:user/with-session/nemo_agent',
    endpoint: 'create_session',
    scope: 'write',
    target: ({ body }) => ({ taskName: textField(body, 'task_name') ?? '' }),
    describe: (_call, outcome) => ({ kind: 'session', ...outcome }),
    answer: createSession(parts),
  },
  {
    method: 'GET',
    path: '/api/state/nemo_agent/:user/:session_id/latest',
    endpoint: 'state',
    scope: 'read',
    target: ({ params }) => ({ sessionId: params['session_id'] ?? '' }),
    answer: (call) => {
      const session = findSessionFor(parts.world, call, call.params['session_id'] ?? '')
      return session === null ? refuseByCode(1002) : success(toStateOut(parts, session))
    },
  },
  {
    method: 'POST',
    path: '/api/auth/claim-token',
    endpoint: 'claim_token',
    scope: 'write',
    target: ({ body }) => ({ sessionId: textField(body, 'session_id') ?? '' }),
    answer: claimToken(parts),
  },
]

const createSession =
  ({ world, clock }: Parts) =>
  ({ body, account }: SignedCall): Answer => {
    const taskName = textField(body, 'task_name')
    if (taskName === null || taskName.length > longestTaskName)
      return refuseByStatus(400, 'task_name is missing')
    const session = newSession({
      taskName,
      language: textField(body, 'language'),
      userId: account.userId,
      serial: world.count('sessions') + 1,
      createdAtMs: clock.nowMs(),
    })
    world.commit({
      changes: [
        ['sessions', session.id, session],
        ['states', session.id, emptyState],
      ],
      ledger: [
        {
          kind: 'session',
          verdict: 'accepted',
          user_id: account.userId,
          session_id: session.id,
          task_id: session.taskId,
          task_name: taskName,
        },
      ],
    })
    return success({ task_id: session.taskId, session_id: session.id, user_id: account.userId })
  }

const toStateOut = ({ world }: Parts, session: Session) => ({
  session_id: session.id,
  task_id: session.taskId,
  task_name: session.taskName,
  user_id: session.userId,
  state: world.get('states', session.id),
})

/** The same project keeps its claim token while it lives: it is reusable. */
const claimToken =
  ({ world, clock }: Parts) =>
  (call: SignedCall): Answer => {
    const session = findSessionFor(world, call, textField(call.body, 'session_id') ?? '')
    if (session === null || session.taskId !== textField(call.body, 'task_id')) return refuseByCode(1002)
    const known = world.find('claims', session.id)
    const claim =
      known !== null && known.expiresAtMs > clock.nowMs()
        ? known
        : newClaimToken(session.taskId, session.id, clock.nowMs())
    if (claim !== known) world.commit({ changes: [['claims', session.id, claim]] })
    return success({ claim_token: claim.claimToken, expires_in: claimTokenLifeS })
  }
