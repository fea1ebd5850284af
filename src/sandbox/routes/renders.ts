import { type Answer, json, type Refusal, refuseByCode, refuseByStatus, refuseRender } from '../answer.ts'
import { type Call, type Route, type SignedCall, textField } from '../call.ts'
import { answerWithFile } from '../files/file-answer.ts'
import { findSessionFor } from '../find-session.ts'
import type { Parts } from '../parts.ts'
import type { Render } from '../renders.ts'
import { isExportBlocked } from './attribution.ts'
import { movieToSend } from './cdn.ts'
import { toRenderBody } from './render-bodies.ts'
import { type RenderWish, readRenderWish } from './render-body.ts'

/** Submitting (§2.8), polling (§2.9), fetching (§2.10) and canceling (§2.11) renders, and the legacy routes (§2.13). */
export const renderRoutes = (parts: Parts): readonly Route[] => [
  submitRoute(parts, '/api/render/proxy/lambda'),
  submitRoute(parts, '/api/render/proxy/draft'),
  pollRoute(parts, '/api/render/proxy/lambda/:render_id', null),
  pollRoute(parts, '/api/render/proxy/:render_id', 'R1'),
  {
    method: 'GET',
    path: '/api/render/proxy/:render_id/download',
    endpoint: 'render_download',
    scope: 'read',
    target: sessionOf(parts),
    answer: (call) => {
      const render = findOwnRender(parts, call)
      if (render?.movie == null) return refuseRender(404, 'the render has no file')
      return answerWithFile(parts, call, movieToSend(parts, render.movie, 'proxy', render.id))
    },
  },
  {
    method: 'POST',
    path: '/api/render/proxy/lambda/:render_id/cancel',
    endpoint: 'render_cancel',
    scope: 'render',
    target: sessionOf(parts),
    describe: (call, outcome) => ({ kind: 'cancel', ...renderTrace(parts, call), ...outcome }),
    answer: (call) => cancel(parts, call),
  },
]

const submitRoute = (parts: Parts, path: string): Route => ({
  method: 'POST',
  path,
  endpoint: 'render_submit',
  scope: 'render',
  target: ({ body }) => ({ sessionId: textField(body, 'sessionId') ?? '' }),
  describe: ({ body }, outcome) => ({
    kind: 'render',
    render_id: textField(body, 'id'),
    session_id: textField(body, 'sessionId'),
    ...outcome,
  }),
  answer: (call) => submit(parts, call),
})

const pollRoute = (parts: Parts, path: string, fixedShape: 'R1' | null): Route => ({
  method: 'GET',
  path,
  endpoint: 'render_poll',
  scope: 'read',
  target: sessionOf(parts),
  answer: (call) => {
    const render = findOwnRender(parts, call)
    if (render === null) return refuseRender(404, 'render job not found')
    if (call.faults.take('render.forgetful') !== null) {
      parts.renders.forget(render)
      return refuseRender(404, 'render job not found')
    }
    const hasUrl = call.faults.take('render.completedNoUrl') === null
    const shape = fixedShape ?? call.faults.take('render.shape') ?? 'R1'
    return json(toRenderBody(render, parts.renders.progress(render), shape, hasUrl))
  },
})

/** The render that a path names, for faults: whoever asks. */
const sessionOf =
  ({ world }: Parts) =>
  ({ params }: Pick<Call, 'params'>) => ({
    sessionId: world.find('renders', params['render_id'] ?? '')?.sessionId ?? '',
  })

const findOwnRender = ({ world }: Parts, call: SignedCall): Render | null => {
  const render = world.find('renders', call.params['render_id'] ?? '')
  return render?.userId === call.account.userId ? render : null
}

const renderTrace = ({ world }: Parts, { params }: Call) => {
  const id = params['render_id'] ?? ''
  return { render_id: id, session_id: world.find('renders', id)?.sessionId ?? null }
}

const submit = (parts: Parts, call: SignedCall): Answer => {
  const wish = readRenderWish(call.body)
  if (typeof wish === 'string') return refuseRender(400, wish)
  if (isExportBlocked(call)) {
    return refuseByStatus(402, 'export is not available on the free plan without skill attribution')
  }
  if (findSessionFor(parts.world, call, wish.sessionId) === null) return refuseByCode(1002)
  const known = parts.world.find('renders', wish.id)
  if (known !== null) return answerDuplicate(parts, call, known)

  const render = newRender(parts, call, wish)
  parts.renders.submit(render, [
    {
      kind: 'render',
      verdict: 'accepted',
      user_id: render.userId,
      session_id: render.sessionId,
      render_id: render.id,
    },
  ])
  return json({ success: true, data: { id: render.id, status: 'pending', progress: 5 } })
}

const newRender = ({ renders, clock }: Parts, call: SignedCall, wish: RenderWish): Render => ({
  ...wish,
  serial: renders.nextSerial(),
  userId: call.account.userId,
  status: 'pending',
  submittedAtMs: clock.nowMs(),
  startedAtMs: null,
  endedAtMs: null,
  movie: null,
  error: null,
  isDoomed: call.faults.take('render.fail') !== null,
  slowMs: call.faults.take('render.slowMs') ?? 0,
})

/** A used id gives no second render. What the caller hears about it is a matter of faults. */
const answerDuplicate = (parts: Parts, call: SignedCall, known: Render): Answer => {
  const isOwn = known.userId === call.account.userId
  parts.world.commit({
    ledger: [
      {
        kind: 'render',
        verdict: 'duplicate',
        user_id: call.account.userId,
        session_id: isOwn ? known.sessionId : null,
        render_id: known.id,
      },
    ],
  })
  const message = 'a render job with this id exists already'
  switch (call.faults.take('render.duplicate') ?? 'conflict') {
    case 'conflict':
      return duplicate(409, message)
    case 'badRequest':
      return duplicate(400, message)
    case 'errorIn200':
      return duplicate(200, message)
    case 'existing':
      return isOwn
        ? json({
            success: true,
            data: { id: known.id, status: known.status, progress: parts.renders.progress(known) },
          })
        : duplicate(409, message)
  }
}

/** Not a refusal: its row is in the ledger already. */
const duplicate = (status: number, error: string): Answer => json({ success: false, error }, status)

const cancel = (parts: Parts, call: SignedCall): Answer | Refusal => {
  const render = findOwnRender(parts, call)
  if (render === null) return refuseRender(404, 'render job not found')
  const isCanceled = parts.renders.cancel(render, [
    {
      kind: 'cancel',
      verdict: 'accepted',
      user_id: render.userId,
      session_id: render.sessionId,
      render_id: render.id,
    },
  ])
  return isCanceled
    ? json({ success: true, data: { id: render.id, status: 'cancelled' } })
    : refuseRender(409, 'only a pending render job can be cancelled')
}
