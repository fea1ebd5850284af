import type { Answer, CliplineClient, MessageRequest } from '../client/index.ts'
import { exitCodes } from './exit.ts'
import { createProgressView } from './progress.ts'

export interface Said {
  readonly sessionId: string
  readonly message: MessageRequest
  readonly isJson: boolean
  readonly signal?: AbortSignal
}

/** Says something, shows what is done about it, and prints the reply; the exit code says how its job ended. */
export const speak = async (client: CliplineClient, said: Said): Promise<number> => {
  const answer = await say(client, said)
  process.stdout.write(said.isJson ? `${JSON.stringify(answer)}\n` : toText(answer))
  return answer.job === undefined || answer.job.state === 'succeeded' ? exitCodes.ok : exitCodes.jobFailed
}

export const say = async (
  { sessions }: CliplineClient,
  { sessionId, message, isJson, signal }: Said,
): Promise<Answer> => {
  const view = createProgressView(process.stdout, { isJson })
  try {
    return await sessions.say(sessionId, message, {
      onEvent: (event) => view.show(event),
      onNote: (text) => isJson || process.stderr.write(`  ${text}\n`),
      ...(signal && { signal }),
    })
  } finally {
    view.end()
  }
}

export const toText = ({ reply, credits, subtitles, job }: Answer): string =>
  [
    reply,
    ...(credits === undefined ? [] : [`  ${credits.available} credits available, ${credits.frozen} frozen`]),
    ...(subtitles === undefined ? [] : [subtitles.content]),
    ...(job?.artifact ? [job.artifact.url] : []),
    '',
  ].join('\n')
