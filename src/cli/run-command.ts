import { version } from '../version.ts'
import { commands, isCommandName } from './commands.ts'
import { exitCodes } from './exit.ts'
import { toCommandFailed, toFailureText } from './failure.ts'
import { toCommandHelp, toHelp } from './help.ts'

/** Runs what a command line asks for; answers the exit code. Rejects only with what is a surprise. */
export const runCommand = async (argv: readonly string[]): Promise<number> => {
  const [name, ...args] = argv
  const asked = name === 'help' ? args[0] : name
  if (asked === undefined || asked === '--help' || asked === '-h') {
    process.stdout.write(toHelp())
    return argv.length === 0 ? exitCodes.usage : exitCodes.ok
  }
  if (asked === '--version' || asked === '-v' || asked === 'version') {
    process.stdout.write(args.includes('--json') ? `${JSON.stringify({ version })}\n` : `${version}\n`)
    return exitCodes.ok
  }
  if (!isCommandName(asked)) {
    process.stderr.write(`clipline: there is no command “${asked}”. See: clipline --help\n`)
    return exitCodes.usage
  }
  if (name === 'help' || wantsHelp(args)) {
    process.stdout.write(toCommandHelp(asked))
    return exitCodes.ok
  }
  try {
    const { run } = await commands[asked].load()
    return await run(args)
  } catch (error) {
    return tell(error, args.includes('--json'))
  }
}

/** What stands behind `--` is no flag. */
const wantsHelp = (args: readonly string[]): boolean => {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

const tell = (error: unknown, isJson: boolean): number => {
  const failure = toCommandFailed(error)
  if (failure === null) throw error
  process.stderr.write(isJson ? toFailureText(failure) : `clipline: ${failure.message}\n`)
  return failure.exitCode
}
