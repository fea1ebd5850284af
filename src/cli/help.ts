import { commands } from './commands.ts'
import { exitCodes } from './exit.ts'

export const toHelp = (): string => {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  const usages = Object.values(commands).map(({ usage }) => `  clipline ${usage}`)
  const codes = Object.entries(exitCodes).map(([name, code]) => `${code} ${name}`)
  return `clipline runs AI-video generation as dependable backend work.

Usage: clipline COMMAND [options]     (in a checkout: npm run clipline -- COMMAND [options])

Commands
${lines.join('\n')}

How each is called
${usages.join('\n')}

Every command takes --json for one JSON object a line instead of text.
submit, watch, keys, tenants and deliveries talk to CLIPLINE_URL (http://127.0.0.1:8080) with CLIPLINE_API_KEY.
The other settings are environment variables: see .env.example.

Exit codes: ${codes.join(' · ')}
`
}
