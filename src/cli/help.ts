import type { Command } from './command.ts'
import { type CommandName, commands } from './commands.ts'
import { exitCodes, inWords } from './exit.ts'

const lineWidth = 100

/** All commands at a glance. */
export const toHelp = (): string => `clipline runs AI-video generation as dependable backend work.

Usage: clipline COMMAND [options]     (in a checkout: npm run clipline -- COMMAND [options])

The service
${toRows(summariesOf(({ isClient }) => !isClient))}

Working with it
${toRows(summariesOf(({ isClient }) => isClient))}

clipline COMMAND --help says more about one of them. Every command takes --json for one JSON object a line.
clipline --version says which version this is.
${clientSettings}
The other settings are environment variables: see .env.example.

${codes()}
`

/** One command with its flags and examples. */
export const toCommandHelp = (name: CommandName): string => {
  const { summary, usage, flags, examples, isClient }: Command = commands[name]
  const parts = [
    `${summary}.`,
    `Usage\n${usage.map((form) => wrap(`clipline ${form}`)).join('\n')}`,
    `Options\n${toRows(Object.entries({ '--json': 'One JSON object a line instead of text.', ...flags, '--help': 'This page.' }))}`,
    `Examples\n${examples.map((example) => `  ${example}`).join('\n')}`,
    ...(isClient ? [clientSettings] : []),
    codes(),
  ]
  return `${parts.join('\n\n')}\n`
}

const clientSettings =
  'The service is the one at CLIPLINE_URL (http://127.0.0.1:8080); the key is CLIPLINE_API_KEY.'

const codes = (): string =>
  `Exit codes: ${Object.entries(exitCodes)
    .map(([name, code]) => `${code} ${inWords(name)}`)
    .join(' · ')}`

const summariesOf = (isWanted: (command: Command) => boolean): [string, string][] =>
  Object.entries<Command>(commands)
    .filter(([, command]) => isWanted(command))
    .map(([name, { summary }]) => [name, summary])

const toRows = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n')
}

/** Breaks a long form between its flags. */
const wrap = (form: string): string => {
  const lines = ['']
  for (const part of form.split(/ (?=\[)/)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + part.length > lineWidth) lines.push(`      ${part}`)
    else lines[lines.length - 1] = line === '' ? `  ${part}` : `${line} ${part}`
  }
  return lines.join('\n')
}
