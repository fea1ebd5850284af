import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pathOf, readProjectFile } from './project-files.ts'

const pages = [
  'README.md',
  'CHANGELOG.md',
  'src/sandbox/README.md',
  ...readdirSync(pathOf('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** As GitHub makes them: small letters, no punctuation, blanks as hyphens. */
const anchorsOf = (page: string): string[] =>
  [...readProjectFile(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Links within the project: path from the root, and anchor. */
const linksOf = (page: string) =>
  [...readProjectFile(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, target = '', anchor = '']) => ({
      path: target === '' ? page : join(dirname(page), target),
      anchor,
    }),
  )

describe('the pages', () => {
  it.each(pages)('%s links to what exists', (page) => {
    const broken = linksOf(page).filter(({ path, anchor }) => {
      if (!existsSync(pathOf(path))) return true
      return anchor !== '' && !anchorsOf(path).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})
