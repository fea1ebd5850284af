/** The settings as people read them: written into `.env.example` and the README by `npm run docs`. */
import { type Setting, settings } from './settings.ts'

const inOrder: readonly (readonly [string, Setting])[] = Object.entries(settings)
const groups = [...new Set(inOrder.map(([, { group }]) => group))]
const ofGroup = (group: string) => inOrder.filter(([, setting]) => setting.group === group)

/** `.env.example`: every setting with its sentence, commented out. */
export const toEnvExample = (): string => {
  const sections = groups.map((group) => {
    const lines = ofGroup(group).map(
      ([name, { meaning, fallback }]) => `# ${meaning}\n# Default: ${fallback}\n#${name}=`,
    )
    return `## ${group}\n\n${lines.join('\n\n')}`
  })
  return `# Written from src/settings.ts by \`npm run docs\`. Remove the # before a name to set it.\n\n${sections.join('\n\n')}\n`
}

/** The README's table of settings, group by group. */
export const toSettingsTable = (): string =>
  groups
    .map((group) => {
      const rows = ofGroup(group).map(
        ([name, { meaning, fallback }]) => `| \`${name}\` | ${toCell(fallback)} | ${meaning} |`,
      )
      return [`**${group}**`, '', '| Setting | Default | Meaning |', '| --- | --- | --- |', ...rows].join(
        '\n',
      )
    })
    .join('\n\n')

/** A long list without blanks would make its column wider than the page. */
const toCell = (fallback: string): string => fallback.replaceAll(',', ', ').replaceAll(',  ', ', ')
