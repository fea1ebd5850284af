import { serverDefaults } from '../app-settings.ts'
import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { exitCodes } from './exit.ts'
import { serveRoles } from './serve.ts'
import { readConfig, settingsFor } from './settings.ts'

/** The HTTP API alone, against a database that is given and migrated. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments(args, {
    usage: commands.api.usage,
    options: { json: { type: 'boolean', default: false } },
  })
  await serveRoles(settingsFor(readConfig(), serverDefaults), ['api'], (url) =>
    process.stdout.write(values.json ? `${JSON.stringify({ url })}\n` : `The API answers on ${url}\n`),
  )
  return exitCodes.ok
}
