import { type Role, startApp } from '../app.ts'
import { createLog, UnusableSetting } from '../app-foundation.ts'
import type { AppSettings } from '../app-settings.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { untilStopped } from './stopping.ts'

/** Runs roles until the process is told to stop. `announce` is called once everything is ready. */
export const serveRoles = async (
  settings: AppSettings,
  roles: readonly Role[],
  announce: (publicUrl: string | null) => void,
): Promise<void> => {
  const stopped = untilStopped()
  const app = await startApp(settings, roles, createLog(settings.logLevel)).catch((error: unknown) => {
    if (error instanceof UnusableSetting) throw new CommandFailed(exitCodes.usage, error.message)
    throw error
  })
  announce(app.publicUrl)
  await stopped
  await app.stop()
}
