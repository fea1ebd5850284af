import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isCommandName } from '../../../src/cli/commands.ts'
import { settings } from '../../../src/settings.ts'
import { pathOf, readProjectFile } from './project-files.ts'

const manifest: { readonly bin: { readonly clipline: string } } = JSON.parse(readProjectFile('package.json'))

/** Instruction and rest of each, with continued lines joined. */
const instructions = readProjectFile('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1) }))
const finalStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
const restOf = (wanted: string): string => finalStage.find(({ name }) => name === wanted)?.rest ?? ''

const copied = instructions
  .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
  .flatMap(({ rest }) => rest.split(' ').slice(0, -1))

const ignoreRules = readProjectFile('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

/** Whether `.dockerignore`, which forbids all and allows some, lets the builder see the path. */
const isSent = (path: string): boolean =>
  ignoreRules.some((rule) => rule.startsWith('!') && `${path}/`.startsWith(`${rule.slice(1)}/`))

describe('Dockerfile', () => {
  it('copies what is there, and what .dockerignore sends', () => {
    expect(ignoreRules[0]).toBe('*')
    expect(copied).toContain('src')
    expect(copied.filter((path) => !existsSync(pathOf(path)) || !isSent(path))).toEqual([])
  })

  it('is sent nothing that it does not copy', () => {
    const allowed = ignoreRules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))
    expect(allowed.filter((path) => !copied.includes(path))).toEqual([])
  })

  it('runs the command of the package, as an ordinary user', () => {
    expect(JSON.parse(restOf('ENTRYPOINT'))).toEqual(['node', manifest.bin.clipline])
    const [command] = JSON.parse(restOf('CMD'))
    expect(isCommandName(command)).toBe(true)
    expect(restOf('USER')).toBe('node')
  })

  it('sets settings that exist', () => {
    const names = restOf('ENV')
      .split(' ')
      .map((pair) => pair.split('=')[0] ?? '')
    expect(names.filter((name) => name !== 'NODE_ENV' && !Object.hasOwn(settings, name))).toEqual([])
  })

  it('exposes and probes the port of the API', () => {
    expect(restOf('EXPOSE')).toBe(settings.PORT.fallback)
    expect(restOf('HEALTHCHECK')).toContain(`process.env.PORT || ${settings.PORT.fallback}}/livez`)
  })

  it('pins its base in one place', () => {
    const [first] = instructions
    expect(first).toEqual({ name: 'ARG', rest: expect.stringMatching(/^NODE_IMAGE=node:24-\w+-slim$/) })
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' ')[0])
    expect(new Set(bases)).toEqual(new Set(['$' + '{NODE_IMAGE}', 'dependencies']))
  })
})
