import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { type CommandName, commands } from './commands.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/**
 * Parses a command's arguments, `--json` among them; whatever is off ends the command with its usage and exit code 2.
 * `most` positional arguments are taken.
 */
export const parseArguments = <T extends ParseArgsOptionsConfig>(
  command: CommandName,
  args: readonly string[],
  { options, most = 0 }: { readonly options: T; readonly most?: number },
) => {
  const withJson = { ...options, json: { type: 'boolean', default: false } } as const
  const parsed = parse(command, () =>
    parseArgs({ args: [...args], options: withJson, allowPositionals: true, strict: true }),
  )
  if (parsed.positionals.length > most)
    throw wrongUsage(command, `too many arguments: ${parsed.positionals.join(' ')}`)
  return parsed
}

const parse = <Parsed>(command: CommandName, parseThem: () => Parsed): Parsed => {
  try {
    return parseThem()
  } catch (error) {
    // What follows on the first sentence is advice that holds for few.
    if (error instanceof TypeError) throw wrongUsage(command, error.message.split(/\n|\. /)[0] ?? '')
    throw error
  }
}

/** The end of a command that cannot be meant as it was written. */
export const wrongUsage = (command: CommandName, reason: string): CommandFailed => {
  const forms = commands[command].usage.map((form) => `clipline ${form}`)
  return new CommandFailed(
    exitCodes.usage,
    `${reason}\nUsage: ${forms.join('\n       ')}\nAll options: clipline ${command} --help`,
  )
}

/** The whole number that a flag was given, or undefined when it was not. */
export const toWholeNumber = (
  command: CommandName,
  flag: string,
  text: string | undefined,
): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw wrongUsage(command, `--${flag} takes a whole number, not ${text}`)
}
