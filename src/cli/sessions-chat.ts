import { createInterface } from 'node:readline/promises'
import type { Artifact, CliplineClient, Session } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { toCommandFailed, toFailureText } from './failure.ts'
import { sendInputs } from './send-file.ts'
import { say, toText } from './sessions-speak.ts'

const welcome = (
  id: string,
): string => `Conversation ${id}. Say what the video should show, then what to change.
  "export" renders it · "status" shows the draft · "credits" what is left
  /input FILE|URL  goes with the next message      /save FILE  keeps the last render
  /quit            leaves; the conversation stays\n\n`

/**
 * A conversation line by line, from a terminal or a pipe, until its end or `/quit`. With `isJson`, stdout has the
 * session, then the events and the answer of each message, then what `/input` and `/save` did, one object a line;
 * what goes wrong is an object on stderr, and the conversation goes on.
 */
export const chat = async (
  client: CliplineClient,
  session: Session,
  { isJson }: { readonly isJson: boolean },
): Promise<number> => {
  const isTTY = process.stdin.isTTY === true
  const lines = createInterface({
    input: process.stdin,
    output: isJson ? process.stderr : process.stdout,
    terminal: isTTY,
    prompt: isJson && !isTTY ? '' : '> ',
  })
  const talk = createTalk(client, session.id, isJson)
  let underway: AbortController | null = null
  lines.on('SIGINT', () => {
    if (underway === null) lines.close()
    else underway.abort(new CommandFailed(exitCodes.failed, 'no longer waiting; it goes on by itself'))
  })
  tell(session, welcome(session.id), isJson)
  let isOpen = true
  lines.once('close', () => {
    isOpen = false
  })
  lines.prompt()
  for await (const line of lines) {
    if (line.trim() === '/quit') break
    underway = new AbortController()
    await talk(line.trim(), underway.signal).catch((error: unknown) => {
      const failure = toCommandFailed(error)
      if (failure === null) throw error
      if (isJson) process.stderr.write(toFailureText(failure))
      else process.stdout.write(`! ${failure.message}\n`)
    })
    underway = null
    // A pipe ends before the last of its lines is answered.
    if (isOpen) lines.prompt()
  }
  lines.close()
  if (!isJson) process.stdout.write('\n')
  return exitCodes.ok
}

/** One object, or a text for people. */
const tell = (told: object, text: string, isJson: boolean): void => {
  process.stdout.write(isJson ? `${JSON.stringify(told)}\n` : text)
}

/** Does what one line asks for. */
const createTalk = (client: CliplineClient, sessionId: string, isJson: boolean) => {
  let inputs: Awaited<ReturnType<typeof sendInputs>> = []
  let rendered: Artifact | null = null

  return async (line: string, signal: AbortSignal): Promise<void> => {
    const [, command, argument = ''] = /^\/(\w+)\s*(.*)$/.exec(line) ?? []
    if (line === '') return
    if (command === 'input') {
      if (argument === '') throw new CommandFailed(exitCodes.usage, '/input takes a file or a URL')
      inputs = [...inputs, ...(await sendInputs(client, [argument], { isJson }))]
      tell({ inputs }, `${inputs.length} for the next message\n`, isJson)
    } else if (command === 'save') {
      if (rendered === null)
        throw new CommandFailed(exitCodes.usage, 'nothing was rendered yet: say "export"')
      const file = await client.artifacts.save(rendered.id, argument || 'clip.mp4')
      tell({ file }, `Saved ${file}\n`, isJson)
    } else if (command !== undefined) {
      throw new CommandFailed(exitCodes.usage, `there is no /${command}: /input, /save and /quit are there`)
    } else {
      const message = { text: line, ...(inputs.length > 0 && { inputs }) }
      const answer = await say(client, { sessionId, message, isJson, signal })
      inputs = []
      rendered = answer.job?.artifact ?? rendered
      tell(answer, toText(answer), isJson)
    }
  }
}
