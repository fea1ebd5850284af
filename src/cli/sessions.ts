import type { CliplineClient } from '../client/index.ts'
import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { exitCodes } from './exit.ts'
import { finish } from './finish.ts'
import { collect, printList } from './print.ts'
import { sendInputs } from './send-file.ts'
import { chat } from './sessions-chat.ts'
import { speak } from './sessions-speak.ts'

const options = {
  skill: { type: 'string' },
  language: { type: 'string' },
  format: { type: 'string' },
  out: { type: 'string' },
  most: { type: 'string', default: '100' },
} as const

const parse = (args: readonly string[]) =>
  parseArguments('sessions', args, {
    most: 3,
    options: { ...options, input: { type: 'string', multiple: true, default: [] } },
  })
type Flags = ReturnType<typeof parse>['values']

type Action = (client: CliplineClient, id: string, flags: Flags) => Promise<number>

/** What is done with one session that is there already, and takes nothing else. */
const actions: Readonly<Record<string, Action>> = {
  export: async (client, id, flags) => {
    const { id: jobId } = await client.sessions.export(id)
    return finish(client, jobId, flags)
  },
  timeline: (client, id, flags) => tellTimeline(client, id, flags),
  messages: async ({ sessions }, id, { json, most }) => {
    const messages = await collect(sessions.messages(id), toWholeNumber('sessions', 'most', most))
    printList(messages, { isJson: json, columns: ['at', 'role', 'action', 'job_id', 'text'] })
    return exitCodes.ok
  },
  exports: async ({ sessions }, id, { json, most }) => {
    const jobs = await collect(sessions.exports(id), toWholeNumber('sessions', 'most', most))
    const rows = jobs.map((job) => ({ ...job, failure: job.failure?.code, url: job.artifact?.url }))
    const columns = ['id', 'state', 'failure', 'created_at', 'url']
    printList(json ? jobs : rows, { isJson: json, columns })
    return exitCodes.ok
  },
  chat: async (client, id, { json }) => chat(client, await client.sessions.get(id), { isJson: json }),
}

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(args)
  const [action = '', id, text] = positionals
  if (action === 'new' && id === undefined) return create(values)
  if (action === 'list' && id === undefined) return list(values)
  if (action === 'chat' && id === undefined) {
    const client = connectFromEnvironment()
    return chat(client, await client.sessions.create(toRequest(values)), { isJson: values.json })
  }
  if (action === 'say' && id !== undefined && (text !== undefined || values.input.length > 0)) {
    const client = connectFromEnvironment()
    const inputs = await sendInputs(client, values.input, { isJson: values.json })
    const message = { ...(text !== undefined && { text }), ...(inputs.length > 0 && { inputs }) }
    return speak(client, { sessionId: id, message, isJson: values.json })
  }
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (act !== undefined && id !== undefined && text === undefined)
    return act(connectFromEnvironment(), id, values)
  throw wrongUsage(
    'sessions',
    'new, list, chat, say and an id and a text, or another action and an id are needed',
  )
}

const toRequest = ({ skill, language }: Flags) => ({
  ...(skill !== undefined && { skill }),
  ...(language !== undefined && { language }),
})

const create = async (flags: Flags): Promise<number> => {
  const session = await connectFromEnvironment().sessions.create(toRequest(flags))
  process.stdout.write(flags.json ? `${JSON.stringify(session)}\n` : `${session.id}\n`)
  return exitCodes.ok
}

const list = async ({ most, json }: Flags): Promise<number> => {
  const atMost = toWholeNumber('sessions', 'most', most)
  const sessions = await collect(connectFromEnvironment().sessions.list(), atMost)
  const columns = ['id', 'skill', 'credits_spent', 'created_at', 'timeline']
  printList(sessions, { isJson: json, columns })
  return exitCodes.ok
}

const tellTimeline = async (
  { sessions }: CliplineClient,
  id: string,
  { format, json }: Flags,
): Promise<number> => {
  if (format === 'srt' || format === 'vtt') {
    process.stdout.write(await sessions.subtitles(id, format))
    return exitCodes.ok
  }
  if (format !== undefined) throw wrongUsage('sessions', '--format takes srt or vtt')
  const timeline = await sessions.timeline(id)
  process.stdout.write(json ? `${JSON.stringify(timeline)}\n` : `${timeline.summary}\n`)
  return exitCodes.ok
}
