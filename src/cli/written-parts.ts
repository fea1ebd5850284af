/** The parts of the documentation that follow from the code, so that they cannot differ from it. */
import { problemCatalog, problemCodes } from '../api/problem-catalog.ts'
import type { ProblemKind } from '../api/problem-kind.ts'
import { toSettingsTable } from '../config-docs.ts'
import { eventSummary, jobEventTypes } from '../job/events.ts'
import { type FailureKind, failureCatalog } from '../job/failure.ts'
import { lifecycle, toMermaid, verbs } from '../job/lifecycle.ts'
import { skills } from '../skills/index.ts'
import type { Skill } from '../skills/skill.ts'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { exitCodes, inWords } from './exit.ts'

/** Page → name of the part → its Markdown. Each part stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export const writtenParts = (): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  'README.md': {
    states: `\`\`\`mermaid\n${toMermaid()}\n\`\`\``,
    verbs: toVerbTable(),
    skills: toSkillTable(),
    settings: toSettingsTable(),
    commands: toCommandTable(),
  },
  'docs/errors.md': { failures: toFailureTable(), problems: toProblemTable() },
  'docs/events.md': { events: toEventTable() },
  'docs/cli.md': { exits: toExitTable(), reference: toReference() },
})

const toTable = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.map(toCell).join(' | ')} |`).join('\n')

/** A bar would end the cell. */
const toCell = (text: string): string => text.replaceAll('|', '\\|')

const code = (text: string): string => `\`${text}\``

const toVerbTable = (): string =>
  toTable(
    ['Verb', 'From', 'To', 'When'],
    verbs.map((verb) => {
      const { from, to, meaning } = lifecycle[verb]
      return [code(verb), from.join(', '), to, meaning]
    }),
  )

const toSkillTable = (): string =>
  toTable(
    ['Skill', 'What it does', 'Takes', 'Up to'],
    Object.values(skills).map(({ name, summary, accepts, maxSizeBytes }: Skill) => [
      code(name),
      summary,
      accepts.join(', '),
      `${maxSizeBytes / 1_000_000} MB`,
    ]),
  )

const toCommandTable = (): string => {
  const rows = Object.entries<Command>(commands).map(([name, { summary }]) => [
    code(`clipline ${name}`),
    summary,
  ])
  const codes = Object.entries(exitCodes).map(([name, exitCode]) => `${exitCode} ${inWords(name)}`)
  const more =
    'Their options and examples are in [docs/cli.md](docs/cli.md), and in `clipline COMMAND --help`.'
  return `${toTable(['Command', 'What it does'], rows)}\n\n${more}\n\nExit codes: ${codes.join(' · ')}`
}

const toFailureTable = (): string =>
  toTable(
    ['Code', 'What happened', 'Tried again by Clipline', 'A redrive may help', 'What to do'],
    Object.entries<FailureKind>(failureCatalog).map(([name, { title, retry, isRetryable, hint }]) => [
      code(name),
      title,
      retry === 'schedule' ? 'yes' : 'no',
      isRetryable ? 'yes' : 'no',
      hint,
    ]),
  )

const toProblemTable = (): string =>
  toTable(
    ['Code', 'Status', 'What happened', 'Worth repeating', 'What to do'],
    problemCodes.map((name) => {
      const { status, uploadStatus, title, isRetryable, advice }: ProblemKind = problemCatalog[name]
      const statuses = uploadStatus === undefined ? String(status) : `${status} (${uploadStatus} on uploads)`
      return [code(name), statuses, title, isRetryable ? 'yes' : 'no', advice]
    }),
  )

const toEventTable = (): string =>
  toTable(
    ['Event', 'What happened'],
    jobEventTypes.map((type) => [code(type), eventSummary(type)]),
  )

const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'It did what it was asked to.',
  failed: 'Something went wrong that no other code names; what `doctor` or `prove` found among it.',
  usage: 'The command line or the settings are off; nothing was sent.',
  unreachable:
    'The service, or what it stands on, does not answer, or says that it cannot now (502, 503, 504).',
  refused: 'The service refused (4xx); the message names every field that is wrong.',
  jobFailed: 'The job, or not every job of the batch, succeeded.',
  interrupted: 'Ctrl-C. What the service does goes on.',
}

const toExitTable = (): string =>
  toTable(
    ['Exit code', 'Means'],
    Object.entries(exitCodes).map(([name, exitCode]) => [
      String(exitCode),
      exitMeanings[name as keyof typeof exitCodes],
    ]),
  )

/** A section for each command, as its `--help` has it. */
const toReference = (): string =>
  Object.entries<Command>(commands)
    .map(([name, { summary, usage, flags, examples }]) => {
      const rows = Object.entries(flags).map(([flag, meaning]) => [code(flag), meaning])
      return [
        `## ${name}`,
        `${summary}.`,
        toBlock(usage.map((form) => `clipline ${form}`)),
        ...(rows.length > 0 ? [toTable(['Option', 'Meaning'], rows)] : []),
        'For example:',
        toBlock(examples),
      ].join('\n\n')
    })
    .join('\n\n')

const toBlock = (lines: readonly string[]): string => `\`\`\`console\n${lines.join('\n')}\n\`\`\``
