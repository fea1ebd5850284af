import { flushCompileCache } from 'node:module'
import { type Role, startApp } from '../app.ts'
import { createLog, UnusableSetting } from '../app-foundation.ts'
import type { AppSettings } from '../app-settings.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { untilStopped } from './stopping.ts'

/**
 * Runs roles until the process is told to stop, or, with `withParent`, until whoever started it is gone. `announce` is
 * called once everything is ready.
 */
export const serveRoles = async (
  settings: AppSettings,
  roles: readonly Role[],
  announce: (publicUrl: string | null) => void,
  options: { readonly withParent?: boolean } = {},
): Promise<void> => {
  const stopped = untilStopped(options)
  const app = await startApp(settings, roles, createLog(settings.logLevel)).catch((error: unknown) => {
    // The pipe to the parent would keep a process alive that has nothing to do.
    if (options.withParent) process.stdin.destroy()
    if (error instanceof UnusableSetting) throw new CommandFailed(exitCodes.usage, error.message)
    throw error
  })
  const letGo = holdProcess()
  announce(app.publicUrl)
  // One that is killed later has left what it compiled to those that follow.
  flushCompileCache()
  await stopped
  await app.stop().finally(letGo)
}

const longestTimerMs = 2 ** 31 - 1

/** Who waits for a database that is away may have nothing open at all, and our own timers keep no process. */
const holdProcess = (): (() => void) => {
  const hold = setInterval(() => undefined, longestTimerMs)
  return () => clearInterval(hold)
}
