import { serverDefaults } from '../app-settings.ts'
import { parseArguments } from './arguments.ts'
import { exitCodes } from './exit.ts'
import { serveRoles } from './serve.ts'
import { readConfig, settingsFor } from './settings.ts'

/** A worker alone, against a database that is given and migrated. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('worker', args, {
    options: {
      'with-parent': { type: 'boolean', default: false },
    },
  })
  const settings = settingsFor(readConfig(), serverDefaults)
  const announce = () =>
    process.stdout.write(values.json ? `${JSON.stringify({ ready: true })}\n` : 'The worker is ready\n')
  await serveRoles(settings, ['worker'], announce, { withParent: values['with-parent'] })
  return exitCodes.ok
}
