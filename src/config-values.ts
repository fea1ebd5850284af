/** What a setting's text may be, and what it becomes. Each one says in words what it accepts. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { parseMasterSecret } from './crypto/master-secret.ts'
import { parseAllowList } from './egress/allow-list.ts'
import { acceptedStorageUrls, parseStorageUrl } from './media/storage-url.ts'

export const text = z.string().min(1)

/** What an HTTP header can hold, and every client sends as it is. */
export const headerText = (maxCharacters: number) =>
  z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters, without spaces')
    .max(maxCharacters, `at most ${maxCharacters} characters`)

export const shaped = (shape: RegExp, inWords: string) => z.string().regex(shape, inWords)

export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `one of ${words.join(', ')}` })

export const whole = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const inWords = `a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d+$/, inWords)
    .transform(Number)
    .refine((value) => value >= min && value <= max, inWords)
}

/** What a timer can wait for: 24 days. */
const longestMs = 2_147_483_647

export const milliseconds = whole(0, longestMs)

/** A limit of 0 would cut short whatever it is for, paid work too. */
export const timeLimit = whole(1, longestMs)

/** Between two of the same: with less, looking again would be all that is done. */
export const interval = whole(10, longestMs)

export const urlOf = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const hostName = new RegExp(`^(?=.{1,254}$)(?:${label}\\.)*(?!\\d+\\.?$)${label}\\.?$`, 'i')

/** What a server can be told to listen on. */
export const listenHost = z
  .string()
  .refine(
    (value) => isIP(value) !== 0 || hostName.test(value),
    'an IP address such as 127.0.0.1 or ::, or a host name such as localhost',
  )

const isBare = (value: string): boolean => {
  const { username, password } = new URL(value)
  return username === '' && password === '' && !/[?#]/.test(value)
}

/** Where a service is: what stands after it is a path. Without the slash at its end, so that one can follow. */
export const baseUrl = urlOf('http:', 'https:')
  .refine((value) => !URL.canParse(value) || isBare(value), 'a URL without credentials, query and fragment')
  .transform((value) => new URL(value).href.replace(/\/+$/, ''))

export const storageUrl = z.string().refine((value) => parseStorageUrl(value) !== null, acceptedStorageUrls)

const weekMs = 604_800_000
const maxDelays = 20

export const delays = z
  .string()
  .regex(/^0(,\d+)*$/, 'milliseconds separated by commas, the first one 0')
  .transform((value) => value.split(',').map(Number))
  .refine(
    (values) => values.length <= maxDelays && values.every((delayMs) => delayMs <= weekMs),
    `at most ${maxDelays} delays, each of at most ${weekMs} ms (7 days)`,
  )

const isNetwork = (value: string): boolean => {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)
}

const cidrs = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** The same, each judged here. */
export const networks = cidrs.refine(
  (values) => values.every(isNetwork),
  'addresses or CIDRs such as 10.0.0.0/8, separated by commas',
)

/** The same, as the guard of the ways out reads them. */
export const allowedNetworks = cidrs.refine(
  (values) => parseAllowList(values.join(',')).ok,
  'addresses or CIDRs such as 10.0.0.0/8, each the first address of its range, separated by commas',
)

export const masterSecret = z
  .string()
  .refine(
    (text) => parseMasterSecret(text).ok,
    '32 random bytes as 64 hex digits or as base64, such as “openssl rand -base64 32” makes',
  )
