#!/usr/bin/env node
/** The `clipline` command: finds what was asked for and runs it. Each command is a file in `cli/`, loaded when needed. */
import { runCommand } from './cli/run-command.ts'

// Whoever read our output has seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runCommand(process.argv.slice(2))
