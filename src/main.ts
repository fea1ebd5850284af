#!/usr/bin/env node
/** The `clipline` command: finds what was asked for and runs it. Each command is a file in `cli/`, loaded when needed. */
import { commands, isCommandName } from './cli/commands.ts'
import { CommandFailed, exitCodes } from './cli/exit.ts'
import { toHelp } from './cli/help.ts'

const run = async (argv: readonly string[]): Promise<number> => {
  const [name, ...args] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(toHelp())
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  if (!isCommandName(name)) {
    process.stderr.write(`clipline: there is no command “${name}”. See: clipline --help\n`)
    return exitCodes.usage
  }
  const { run: runCommand } = await commands[name].load()
  return runCommand(args)
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error
  process.stderr.write(`clipline: ${error.message}\n`)
  process.exitCode = error.exitCode
}
