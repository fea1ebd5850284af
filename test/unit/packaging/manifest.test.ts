import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pathOf, readProjectFile } from './project-files.ts'

interface Manifest {
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly files: readonly string[]
  readonly exports: { readonly './client': { readonly types: string; readonly default: string } }
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest: Manifest = JSON.parse(readProjectFile('package.json'))
const { scripts } = manifest

describe('package.json', () => {
  it('runs files that exist', () => {
    const files = Object.values(scripts).flatMap((script) => script.match(/[\w./-]+\.(?:ts|js|cjs)\b/g) ?? [])
    expect(files).toContain('src/main.ts')
    expect(files.filter((file) => !existsSync(pathOf(file)))).toEqual([])
  })

  it('calls scripts that exist', () => {
    const called = Object.values(scripts).flatMap((script) =>
      [...script.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? ''),
    )
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it('checks everything that there is a check for', () => {
    const checks = Object.keys(scripts).filter((name) => name.startsWith('check:'))
    expect(checks.filter((name) => !scripts['check']?.includes(`npm run ${name}`))).toEqual([])
  })

  it('ships what exists, besides what the build makes', () => {
    expect(manifest.files.filter((file) => file !== 'dist' && !existsSync(pathOf(file)))).toEqual([])
    expect(manifest.bin['clipline']).toBe('dist/main.js')
  })

  it('gives the client out under a name of its own, and nothing else', () => {
    expect(Object.keys(manifest.exports)).toEqual(['./client', './package.json'])
    const { types, default: code } = manifest.exports['./client']
    expect([types, code]).toEqual(['./dist/client/index.d.ts', './dist/client/index.js'])
    expect(existsSync(pathOf('src/client/index.ts'))).toBe(true)
  })

  it('pins every dependency', () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest
    const versions = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies })
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([])
  })

  it('has the version that the image and the changelog have', () => {
    expect(readProjectFile('docker-compose.yml')).toContain(`image: clipline:${manifest.version}\n`)
    expect(readProjectFile('CHANGELOG.md')).toContain(`## [${manifest.version}]`)
  })
})
