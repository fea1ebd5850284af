import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of ours that answers one question at a time over its channel. */
export interface Child<Question extends object, Answer extends { readonly type: string }> {
  readonly pid: number
  tell(message: Question): void
  ask<Type extends Answer['type']>(
    message: Question,
    expected: Type,
    timeoutMs?: number,
  ): Promise<Extract<Answer, { type: Type }>>
  stop(): Promise<void>
}

const answerTimeoutMs = 60_000

/** Starts a script of this folder and waits for its `ready`, which comes with the child. */
export const startChild = async <Question extends object, Answer extends { readonly type: string }>(
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<{ child: Child<Question, Answer>; ready: Extract<Answer, { type: 'ready' }> }> => {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const forked = fork(path, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const child: Child<Question, Answer> = {
    pid: forked.pid ?? 0,
    tell: (message) => void forked.send(message),
    async ask(message, expected, timeoutMs = answerTimeoutMs) {
      const answer = nextAnswer<Answer, typeof expected>(forked, expected, timeoutMs)
      forked.send(message)
      return answer
    },
    async stop() {
      if (forked.exitCode !== null || forked.signalCode !== null) return
      forked.kill('SIGKILL')
      await once(forked, 'exit')
    },
  }
  const ready = await nextAnswer<Answer, 'ready'>(forked, 'ready', answerTimeoutMs)
  return { child, ready }
}

const nextAnswer = <Answer extends { readonly type: string }, Type extends Answer['type']>(
  forked: ChildProcess,
  expected: Type,
  timeoutMs: number,
): Promise<Extract<Answer, { type: Type }>> =>
  new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      const answer = message as Answer
      if (answer.type === expected) end(() => resolve(answer as Extract<Answer, { type: Type }>))
    }
    const onExit = () => end(() => reject(new Error(`the process ended before it said “${expected}”`)))
    const timer = setTimeout(
      () => end(() => reject(new Error(`no “${expected}” within ${timeoutMs / 1_000} s`))),
      timeoutMs,
    )
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      forked.off('message', onMessage).off('exit', onExit)
      settle()
    }
    forked.on('message', onMessage).on('exit', onExit)
  })
