import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { CommandFailed, exitCodes } from './exit.ts'

/** Parses a command's arguments; whatever is off ends the command with its usage and exit code 2. */
export const parseArguments = <T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { options, usage, most = 0 }: { readonly options: T; readonly usage: string; readonly most?: number },
) => {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    if (parsed.positionals.length > most)
      throw new Error(`too many arguments: ${parsed.positionals.join(' ')}`)
    return parsed
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new CommandFailed(exitCodes.usage, `${reason}\nUsage: clipline ${usage}`)
  }
}
