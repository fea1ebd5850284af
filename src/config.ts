/** The only reader of the environment. Every bad value is named at once, with what is accepted (api.md §8). */
import type { z } from 'zod'
import { type SettingName, settings } from './settings.ts'

/** Settings as they were given: only those that were set, parsed. */
export type Config = { readonly [N in SettingName]?: z.output<(typeof settings)[N]['schema']> }

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly { readonly name: string; readonly accepted: string }[] }

/** Parses an environment. An empty value counts as not set, as in a copied `.env.example`. */
export const parseConfig = (environment: Readonly<Record<string, string | undefined>>): ConfigResult => {
  const given = Object.entries(settings).flatMap(([name, { schema }]) => {
    const value = environment[name]
    return value === undefined || value === '' ? [] : [{ name, result: schema.safeParse(value) }]
  })
  const problems = given.flatMap(({ name, result }) =>
    result.success ? [] : [{ name, accepted: result.error.issues.map(({ message }) => message).join('; ') }],
  )
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, config: Object.fromEntries(given.map(({ name, result }) => [name, result.data])) }
}

/** The environment of this process. */
export const readEnvironment = (): Readonly<Record<string, string | undefined>> => process.env

export interface ClientEnvironment {
  readonly url: string
  readonly apiKey: string | null
  /** Of a provider account that is to be made. */
  readonly providerToken: string | null
}

/** Where the client commands find the service, and with which key. */
export const clientEnvironment = (): ClientEnvironment => ({
  url: process.env['CLIPLINE_URL'] || 'http://127.0.0.1:8080',
  apiKey: process.env['CLIPLINE_API_KEY'] || null,
  providerToken: process.env['CLIPLINE_PROVIDER_TOKEN'] || null,
})
