import { createInterface } from 'node:readline/promises'
import type { Artifact, CliplineClient } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { toCommandFailed } from './failure.ts'
import { sendInputs } from './send-file.ts'
import { say, toText } from './sessions-speak.ts'

const welcome = (
  id: string,
): string => `Conversation ${id}. Say what the video should show, then what to change.
  "export" renders it · "status" shows the draft · "credits" what is left
  /input FILE|URL  goes with the next message      /save FILE  keeps the last render
  /quit            leaves; the conversation stays\n\n`

/** A conversation line by line, from a terminal or a pipe, until its end or `/quit`. */
export const chat = async (client: CliplineClient, sessionId: string): Promise<number> => {
  const { isTTY } = process.stdin
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: isTTY === true,
    prompt: '> ',
  })
  const talk = createTalk(client, sessionId)
  let underway: AbortController | null = null
  lines.on('SIGINT', () => {
    if (underway === null) lines.close()
    else underway.abort(new CommandFailed(exitCodes.failed, 'no longer waiting; it goes on by itself'))
  })
  process.stdout.write(welcome(sessionId))
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
      process.stdout.write(`! ${failure.message}\n`)
    })
    underway = null
    // A pipe ends before the last of its lines is answered.
    if (isOpen) lines.prompt()
  }
  lines.close()
  process.stdout.write('\n')
  return exitCodes.ok
}

/** Does what one line asks for. */
const createTalk = (client: CliplineClient, sessionId: string) => {
  let inputs: Awaited<ReturnType<typeof sendInputs>> = []
  let rendered: Artifact | null = null

  return async (line: string, signal: AbortSignal): Promise<void> => {
    const [, command, argument = ''] = /^\/(\w+)\s*(.*)$/.exec(line) ?? []
    if (line === '') return
    if (command === 'input') {
      inputs = [...inputs, ...(await sendInputs(client, [argument], false))]
      process.stdout.write(`${inputs.length} for the next message\n`)
    } else if (command === 'save') {
      if (rendered === null)
        throw new CommandFailed(exitCodes.usage, 'nothing was rendered yet: say "export"')
      process.stdout.write(`Saved ${await client.artifacts.save(rendered.id, argument || 'clip.mp4')}\n`)
    } else if (command !== undefined) {
      throw new CommandFailed(exitCodes.usage, `there is no /${command}: /input, /save and /quit are there`)
    } else {
      const message = { text: line, ...(inputs.length > 0 && { inputs }) }
      const answer = await say(client, { sessionId, message, isJson: false, signal })
      inputs = []
      rendered = answer.job?.artifact ?? rendered
      process.stdout.write(toText(answer))
    }
  }
}
