import { resolve } from 'node:path'
import { DataInUse } from '../sandbox/data-lock.ts'
import { startSandbox } from '../sandbox/server.ts'
import { parseArguments, toWholeNumber } from './arguments.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { sandboxTokenVariable } from './sandbox-child.ts'
import { untilStopped } from './stopping.ts'

const renderers = ['full', 'tiny', 'fixture'] as const
const defaultCredits = 1_000_000

/** Starts the sandbox and keeps it running until a signal, or, with `--with-parent`, until the pipe on stdin closes. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('sandbox', args, {
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8090' },
      'data-dir': { type: 'string', default: './data/sandbox' },
      'time-factor': { type: 'string', default: '1' },
      renderer: { type: 'string', default: 'full' },
      credits: { type: 'string', default: String(defaultCredits) },
      'with-parent': { type: 'boolean', default: false },
    },
  })
  const renderer = renderers.find((name) => name === values.renderer)
  if (renderer === undefined)
    throw new CommandFailed(exitCodes.usage, `--renderer takes ${renderers.join(', ')}`)
  const timeFactor = Number(values['time-factor'])
  if (!(timeFactor >= 0)) throw new CommandFailed(exitCodes.usage, '--time-factor takes a number from 0')
  const credits = Number(values.credits)
  if (!(Number.isSafeInteger(credits) && credits >= 0))
    throw new CommandFailed(exitCodes.usage, '--credits takes a whole number from 0')
  const port = toWholeNumber('sandbox', 'port', values.port) ?? 0
  if (port > 65_535) throw new CommandFailed(exitCodes.usage, '--port takes a whole number to 65535')
  const token = process.env[sandboxTokenVariable] || undefined
  const sandbox = await startSandbox({
    dataDir: resolve(values['data-dir']),
    host: values.host,
    port,
    timeFactor,
    renderer,
    accounts: token === undefined ? [] : [{ token, credits, plan: 'paid' }],
  }).catch((error: unknown) => {
    if (!(error instanceof DataInUse)) throw error
    throw new CommandFailed(exitCodes.failed, `${error.message}; a second one needs a DATA_DIR of its own`)
  })
  process.stdout.write(
    values.json ? `${JSON.stringify({ url: sandbox.url })}\n` : `The sandbox listens on ${sandbox.url}\n`,
  )
  await untilStopped({ withParent: values['with-parent'] })
  await sandbox.close()
  return exitCodes.ok
}
