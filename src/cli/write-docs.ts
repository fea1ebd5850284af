/**
 * For developers: `npm run docs` writes what follows from the code: `.env.example`, and the marked parts of the README
 * and of `docs/`. With `--check` it writes nothing, names what differs, and fails.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { toEnvExample } from '../config-docs.ts'
import { writtenParts } from './written-parts.ts'

const pathOf = (page: string): string => fileURLToPath(new URL(`../../${page}`, import.meta.url))

const read = (page: string): Promise<string> =>
  readFile(pathOf(page), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })

/** The page with each of its parts replaced. Throws when a part has no place in it. */
const withParts = (page: string, text: string, parts: Readonly<Record<string, string>>): string =>
  Object.entries(parts).reduce((written, [name, part]) => {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
    const from = written.indexOf(begin)
    const to = written.indexOf(end)
    if (from < 0 || to < from) throw new Error(`${page} has no place between ${begin} and ${end}`)
    return `${written.slice(0, from + begin.length)}\n${part}\n${written.slice(to)}`
  }, text)

const isCheck = process.argv.includes('--check')
const pages: Readonly<Record<string, (present: string) => string>> = {
  '.env.example': toEnvExample,
  ...Object.fromEntries(
    Object.entries(writtenParts()).map(([page, parts]) => [page, (text) => withParts(page, text, parts)]),
  ),
}

const stale: string[] = []
for (const [page, toText] of Object.entries(pages)) {
  const present = await read(page)
  const wanted = toText(present)
  if (wanted === present) continue
  stale.push(page)
  if (!isCheck) await writeFile(pathOf(page), wanted)
}

if (isCheck && stale.length > 0) {
  process.stderr.write(`Not as the code says: ${stale.join(', ')}. Run: npm run docs\n`)
  process.exitCode = 1
} else {
  process.stdout.write(
    stale.length === 0 ? 'The docs are as the code says.\n' : `Wrote ${stale.join(', ')}\n`,
  )
}
