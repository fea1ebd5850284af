/**
 * The eight calls of one job, as plainly as they can be made. Nothing is kept and nothing survives, unless `keepStep`
 * says where.
 */
import { createHash, createHmac } from 'node:crypto'
import { Pool } from 'undici'

export interface BareWorld {
  readonly upstreamUrl: string
  readonly callbackSecret: string
  readonly concurrency: number
  /** Called after each step, which counts as done when it resolves. */
  readonly keepStep: ((jobNo: number, step: string, result: object) => Promise<void>) | null
}

export interface BareRunner {
  runJob(no: number): Promise<void>
  close(): Promise<void>
}

const headers = {
  authorization: 'Bearer nmv_usr_bench',
  'x-skill-source': 'bench',
  'x-skill-version': '1.0.0',
  'x-skill-platform': 'unknown',
}
const jsonHeaders = { ...headers, 'content-type': 'application/json' }

export const openBareRunner = ({
  upstreamUrl,
  callbackSecret,
  concurrency,
  keepStep,
}: BareWorld): BareRunner => {
  const pool = new Pool(upstreamUrl, { connections: concurrency, pipelining: 1 })
  const callbackKey = Buffer.from(callbackSecret.slice('whsec_'.length), 'base64')

  const get = async (path: string): Promise<unknown> => {
    const { body } = await pool.request({ method: 'GET', path, headers })
    return body.json()
  }
  const post = async (path: string, json: object): Promise<unknown> => {
    const { body } = await pool.request({
      method: 'POST',
      path,
      headers: jsonHeaders,
      body: JSON.stringify(json),
    })
    return body.json()
  }

  const sendMessage = async (sessionId: string, text: string): Promise<number> => {
    const { body } = await pool.request({
      method: 'POST',
      path: '/run_sse',
      headers: { ...jsonHeaders, accept: 'text/event-stream' },
      body: JSON.stringify({
        app_name: 'nemo_agent',
        user_id: 'me',
        session_id: sessionId,
        new_message: { parts: [{ text }] },
      }),
    })
    const frames = (await body.text()).split('\n\n').filter((frame) => frame.startsWith('data: '))
    return frames.map((frame) => JSON.parse(frame.slice('data: '.length)) as object).length
  }

  const download = async (path: string): Promise<string> => {
    const { body } = await pool.request({ method: 'GET', path, headers })
    const hash = createHash('sha256')
    for await (const chunk of body) hash.update(chunk as Buffer)
    return hash.digest('hex')
  }

  const callBack = async (id: string, result: object): Promise<void> => {
    const body = JSON.stringify({ type: 'job.succeeded', timestamp: new Date().toISOString(), data: result })
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const hmac = createHmac('sha256', callbackKey).update(`${id}.${timestamp}.`).update(body)
    const response = await pool.request({
      method: 'POST',
      path: '/callback',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${hmac.digest('base64')}`,
      },
      body,
    })
    await response.body.dump()
  }

  return {
    async runJob(no) {
      const session = (await post('/api/tasks/me/with-session/nemo_agent', {
        task_name: `bare-${no}`,
        language: 'en',
      })) as { data: { session_id: string } }
      const sessionId = session.data.session_id
      if (keepStep !== null) await keepStep(no, 'session', session)
      const uploaded = await post(`/api/upload-video/nemo_agent/me/${sessionId}`, {
        urls: ['https://example.test/street.mp4'],
        source_type: 'url',
      })
      if (keepStep !== null) await keepStep(no, 'upload', uploaded as object)
      const events = await sendMessage(sessionId, 'a fox in the snow')
      if (keepStep !== null) await keepStep(no, 'message', { events })
      const state = (await get(`/api/state/nemo_agent/me/${sessionId}/latest`)) as {
        data: { state: { draft: object } }
      }
      if (keepStep !== null) await keepStep(no, 'state', state)
      const id = `render_${sessionId}`
      const output = { format: 'mp4', quality: 'high' }
      await post('/api/render/proxy/lambda', { id, sessionId, draft: state.data.state.draft, output })
      if (keepStep !== null) await keepStep(no, 'export', { id })
      const render = (await get(`/api/render/proxy/lambda/${id}`)) as { data: { outputUrl: string } }
      if (keepStep !== null) await keepStep(no, 'poll', render)
      const sha256 = await download(new URL(render.data.outputUrl).pathname)
      if (keepStep !== null) await keepStep(no, 'download', { sha256 })
      await callBack(`evt_${sessionId}`, { job: `bare-${no}`, events, sha256 })
      if (keepStep !== null) await keepStep(no, 'callback', {})
    },
    close: () => pool.close(),
  }
}
