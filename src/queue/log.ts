import type { Clock } from '../clock.ts'

/** Where the queue tells what happened to its connections; a pino logger is one. */
export interface QueueLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Takes what a connection complains about, so that nothing of it ends the process. */
export type Complain = (error: Error) => void

const silenceMs = 10_000

/**
 * Writes complaints down, each kind at most once in ten seconds: while its server is down, a connection complains with
 * every attempt. The error itself is not logged, because a refused login carries its command, password and all.
 */
export const createComplaints = (where: string, clock: Clock, log?: QueueLog): Complain => {
  const writtenMs = new Map<string, number>()
  return (error) => {
    const code = 'code' in error ? String(error.code) : error.name
    const nowMs = clock.monotonicMs()
    if (nowMs - (writtenMs.get(code) ?? Number.NEGATIVE_INFINITY) < silenceMs) return
    writtenMs.set(code, nowMs)
    log?.warn({ where, code, reason: error.message }, 'the queue complains')
  }
}
