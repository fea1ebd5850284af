import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { resolveSettings, serverDefaults } from '../../../src/app-settings.ts'
import { commands, isCommandName } from '../../../src/cli/commands.ts'
import { sandboxTokenVariable } from '../../../src/cli/sandbox-child.ts'
import { parseConfig } from '../../../src/config.ts'
import { settings } from '../../../src/settings.ts'
import { readProjectFile } from './project-files.ts'

interface Service {
  readonly image: string
  readonly build?: string
  readonly user?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly env_file?: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly networks: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly deploy?: { readonly replicas: number }
  readonly [other: string]: unknown
}

const source = readProjectFile('docker-compose.yml')
const compose: {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>
} = parse(source, { merge: true })

const services = Object.entries(compose.services)
const ours = services.filter(([, { build }]) => build !== undefined)
const service = (name: string): Service => {
  const found = compose.services[name]
  if (!found) throw new Error(`there is no service ${name}`)
  return found
}

/** Of its own, besides the settings: the database's password and what the sandbox takes. */
const otherNames = ['POSTGRES_PASSWORD', sandboxTokenVariable]

const secrets: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'secret',
  CLIPLINE_SECRET: '00112233445566778899aabbccddeeff'.repeat(2),
  CLIPLINE_API_KEY: `clk_${'k'.repeat(43)}`,
  NEMO_TOKEN: 'a-word',
}

/** As compose does it: `${NAME:-otherwise}` and `${NAME:?why it is needed}`. */
const interpolate = (value: string): string =>
  value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind = '', rest = '') => {
    const given = secrets[name]
    if (given === undefined && kind === '?') throw new Error(`${name} is required: ${rest}`)
    return given ?? (kind === '-' ? rest : '')
  })

const environmentOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolate(String(value))]))

describe('docker-compose.yml', () => {
  it('names settings that exist, and nothing else', () => {
    const interpolated = [...source.matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
    const given = ours.flatMap(([, { environment = {} }]) => Object.keys(environment))
    const known = new Set([...Object.keys(settings), ...otherNames])
    expect([...interpolated, ...given].filter((name) => !known.has(name ?? ''))).toEqual([])
  })

  it.each(['migrate', 'api', 'worker'])('gives %s settings that it can start with', (name) => {
    const parsed = parseConfig(environmentOf(service(name)))
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    expect(resolveSettings(parsed.config, serverDefaults)).toMatchObject({
      nemoApiUrl: 'http://sandbox:8090',
      nemoToken: 'a-word',
      host: '0.0.0.0',
    })
  })

  it.each(ours)('starts %s with a command that exists, and flags that it knows', (_, { command }) => {
    const [name = '', ...args] = command ?? []
    if (!isCommandName(name)) throw new Error(`there is no command ${name}`)
    const flags = args.filter((arg) => arg.startsWith('--'))
    const forms = commands[name].usage.join(' ')
    expect(flags.filter((flag) => !forms.includes(`[${flag} `))).toEqual([])
  })

  it.each(services)('gives %s no more rights than it needs', (_, hardened) => {
    expect(hardened).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
      tmpfs: expect.arrayContaining(['/tmp']),
      pids_limit: expect.any(Number),
      mem_limit: expect.any(String),
    })
    if (hardened.build === undefined) expect(hardened.user).toMatch(/^(postgres|redis)$/)
  })

  it.each(services)('looks after the health of %s', (name, { healthcheck }) => {
    if (name === 'migrate') expect(healthcheck).toEqual({ disable: true })
    else expect(healthcheck.test?.[0]).toBe('CMD')
  })

  it('asks every process where it listens', () => {
    const { PORT, WORKER_PORT } = environmentOf(service('api'))
    const sandbox = service('sandbox').command ?? []
    const ports = { api: PORT, worker: WORKER_PORT, sandbox: sandbox[sandbox.indexOf('--port') + 1] }
    const asked = ['api', 'worker', 'sandbox'].map((name) => service(name).healthcheck.test?.at(-1))
    expect(asked).toEqual([
      `http://127.0.0.1:${ports.api}/livez`,
      `http://127.0.0.1:${ports.worker}/livez`,
      `http://127.0.0.1:${ports.sandbox}/healthz`,
    ])
    expect(environmentOf(service('api'))['NEMO_API_URL']).toBe(`http://sandbox:${ports.sandbox}`)
    expect(service('api').ports).toEqual([`127.0.0.1:8080:${PORT}`])
  })

  it('starts the roles when the databases are there and migrated', () => {
    for (const role of ['api', 'worker']) {
      expect(service(role).depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
      })
    }
    expect(service('worker').deploy).toEqual({ replicas: 2 })
  })

  it('lets Redis evict nothing', () => {
    const { command = [] } = service('redis')
    expect(command[command.indexOf('--maxmemory-policy') + 1]).toBe('noeviction')
  })

  it('keeps the databases away from the world', () => {
    expect(compose.networks['inside']).toEqual({ internal: true })
    for (const name of ['postgres', 'redis']) {
      expect(service(name).networks).toEqual(['inside'])
      expect(service(name).ports).toBeUndefined()
    }
  })

  it('shares the files of the API and the workers, and mounts only volumes that it declares', () => {
    expect(service('api').volumes).toEqual(service('worker').volumes)
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]))
    expect(new Set(mounted)).toEqual(new Set(Object.keys(compose.volumes)))
  })
})
