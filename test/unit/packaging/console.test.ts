import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pathOf, readProjectFile } from './project-files.ts'

it('the build copies every file of the console that it does not compile', () => {
  const { scripts } = JSON.parse(readProjectFile('package.json')) as { scripts: { build: string } }
  const asTheyAre = readdirSync(pathOf('src/console')).filter(
    (name) => !/\.ts$|^tsconfig.*\.json$/.test(name),
  )
  expect(asTheyAre).toContain('index.html')
  expect(asTheyAre.filter((name) => !scripts.build.includes(`'${name}'`))).toEqual([])
})
