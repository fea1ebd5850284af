import { createLog } from '../app-foundation.ts'
import { parseArguments } from './arguments.ts'
import { startEmbeddedShape } from './embedded-shape.ts'
import { exitCodes } from './exit.ts'
import { migrateDatabase } from './migrate-database.ts'
import { serveRoles } from './serve.ts'
import { readConfig, settingsFor } from './settings.ts'

/** Everything on this machine in one process: what is not given is started, the database first and stopped last. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('up', args, {
    options: {},
  })
  const config = readConfig()
  const shape = await startEmbeddedShape({ config, log: createLog(config.LOG_LEVEL ?? 'info') })
  try {
    const settings = settingsFor(config, shape.defaults)
    await migrateDatabase(settings.databaseUrl, settings.redisUrl)
    await serveRoles(settings, ['api', 'worker'], (url) => {
      const apiKey = settings.apiKey ?? ''
      process.stdout.write(
        values.json
          ? `${JSON.stringify({ url, api_key: apiKey })}\n`
          : welcome(url ?? '', apiKey, shape.parts),
      )
    })
  } finally {
    await shape.stop()
  }
  return exitCodes.ok
}

const welcome = (url: string, apiKey: string, parts: readonly string[]): string => `
Clipline is ready${parts.length > 0 ? ` (with its own ${parts.join(' and ')})` : ''}.

  API      ${url}
  Docs     ${url}/docs
  Console  ${url}/console
  API key  ${apiKey}

Try it in another terminal:

  export CLIPLINE_API_KEY=${apiKey}
  npm run clipline -- submit "a fox running through a snowy forest at dusk" --wait

Ctrl-C stops it; unfinished jobs go on at the next start.

`
