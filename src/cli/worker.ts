import { serverDefaults } from '../app-settings.ts'
import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { exitCodes } from './exit.ts'
import { serveRoles } from './serve.ts'
import { readConfig, settingsFor } from './settings.ts'

/** A worker alone, against a database that is given and migrated. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments(args, {
    usage: commands.worker.usage,
    options: { json: { type: 'boolean', default: false } },
  })
  await serveRoles(settingsFor(readConfig(), serverDefaults), ['worker'], () =>
    process.stdout.write(values.json ? `${JSON.stringify({ ready: true })}\n` : 'The worker is ready\n'),
  )
  return exitCodes.ok
}
