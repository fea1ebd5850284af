import { serverDefaults } from '../app-settings.ts'
import { parseArguments } from './arguments.ts'
import { exitCodes } from './exit.ts'
import { serveRoles } from './serve.ts'
import { readConfig, settingsFor } from './settings.ts'

/** The HTTP API alone, against a database that is given and migrated. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('api', args, {
    options: {
      'with-parent': { type: 'boolean', default: false },
    },
  })
  const settings = settingsFor(readConfig(), serverDefaults)
  const announce = (url: string | null) =>
    process.stdout.write(values.json ? `${JSON.stringify({ url })}\n` : `The API answers on ${url}\n`)
  await serveRoles(settings, ['api'], announce, { withParent: values['with-parent'] })
  return exitCodes.ok
}
