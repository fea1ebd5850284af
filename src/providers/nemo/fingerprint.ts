import { createHash } from 'node:crypto'
import { findRawNumber, isRecord, type JsonRecord } from './json.ts'

/** Keys whose values change although nothing was edited, in lower case without separators. */
const volatileKeys = new Set([
  'accessedat',
  'createdat',
  'createtime',
  'etag',
  'expiresat',
  'expiretime',
  'fetchedat',
  'lastaccessed',
  'lastaccessedat',
  'lastmodified',
  'lastmodifiedat',
  'lastupdated',
  'lastupdatedat',
  'lastupdatetime',
  'modifiedat',
  'modifytime',
  'requestid',
  'signedat',
  'timestamp',
  'traceid',
  'ts',
  'updated',
  'updatedat',
  'updatetime',
])

/**
 * SHA-256 over what a session holds: draft, `video_infos` and `generated_media`, with keys sorted. Left out are times
 * of writing (`volatileKeys`) and the query and fragment of URLs, which carry signatures; absent, null and empty are
 * the same. No version field is documented, so this is how a change is seen (upstream-protocol.md §2.7).
 */
export const fingerprintOf = (state: JsonRecord): string => {
  const parts = [state['draft'], state['video_infos'], state['generated_media']].map((part) =>
    isNothing(part) ? 'null' : canonical(part),
  )
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (isRecord(value)) {
    const entries = Object.keys(value)
      .filter((key) => !isVolatile(key))
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    return `{${entries.join(',')}}`
  }
  if (typeof value === 'string') return JSON.stringify(withoutQuery(value))
  return findRawNumber(value) ?? JSON.stringify(value ?? null)
}

const isVolatile = (key: string): boolean => volatileKeys.has(key.replace(/[_-]/g, '').toLowerCase())

const withoutQuery = (text: string): string =>
  /^(?:https?:)?\/\//i.test(text) ? text.replace(/[?#].*$/s, '') : text

const isNothing = (value: unknown): boolean => {
  if (value === null || value === undefined || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.keys(value).length === 0
}
