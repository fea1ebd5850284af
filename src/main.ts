#!/usr/bin/env node
/** The `clipline` command: finds what was asked for and runs it. Each command is a file in `cli/`, loaded when needed. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled once for all processes, which halves the time until one of them is ready. Kept with what is installed, where
// nobody else may write; where we may not either, Node goes on without.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)))
const { runCommand } = await import('./cli/run-command.ts')

// Whoever read our output has seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runCommand(process.argv.slice(2))

// All is done and put away. A connection that a library was still making must not keep the process.
const lingerMs = 500
setInterval(() => {
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit()
}, lingerMs).unref()
