/** What `STORAGE_URL` says (api.md §8). Pure, so that a bad value is named when the settings are read. */
import { fileURLToPath } from 'node:url'

export interface S3Place {
  readonly kind: 's3'
  readonly bucket: string
  /** Before every key: empty, or with a slash at its end. */
  readonly prefix: string
  /** Null: that of AWS for the region. */
  readonly endpoint: string | null
  /** Where clients reach the same server, where that is another URL; presigned links begin with it. */
  readonly publicEndpoint: string | null
  /** Null: as the SDK finds it, in `AWS_REGION` or the shared configuration. */
  readonly region: string | null
}

export type StoragePlace = { readonly kind: 'file'; readonly folder: string } | S3Place

export const acceptedStorageUrls =
  'file:<folder> or s3://bucket/prefix with ?endpoint=https://…, ?public_endpoint=https://… and ?region=… where needed; credentials never stand in it'

const bucketShape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const prefixShape = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\/){0,4}$/
const regionShape = /^[a-z0-9-]{1,32}$/
const parameters = new Set(['endpoint', 'public_endpoint', 'region'])

/**
 * The place that a URL names, or null when it names none. `file:./data/media` is relative to the working directory,
 * `file:/var/clipline` and `file:///var/clipline` are not.
 */
export const parseStorageUrl = (url: string): StoragePlace | null => {
  if (url.startsWith('s3:')) return parseS3Url(url)
  if (!url.startsWith('file:') || url === 'file:') return null
  const folder = url.startsWith('file://') ? folderOf(url) : url.slice('file:'.length)
  return folder === null ? null : { kind: 'file', folder }
}

const folderOf = (url: string): string | null => {
  const parsed = URL.parse(url)
  return parsed === null || parsed.host !== '' ? null : fileURLToPath(parsed)
}

const parseS3Url = (text: string): S3Place | null => {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.port !== '' || url.hash !== '')
    return null
  const names = [...url.searchParams.keys()]
  if (names.some((name) => !parameters.has(name)) || new Set(names).size < names.length) return null
  const path = url.pathname.replace(/^\/|\/$/g, '')
  const place: S3Place = {
    kind: 's3',
    bucket: url.hostname,
    prefix: path === '' ? '' : `${path}/`,
    endpoint: url.searchParams.get('endpoint'),
    publicEndpoint: url.searchParams.get('public_endpoint'),
    region: url.searchParams.get('region'),
  }
  return isPossible(place) ? place : null
}

const isPossible = ({ bucket, prefix, endpoint, publicEndpoint, region }: S3Place): boolean =>
  bucketShape.test(bucket) &&
  prefixShape.test(prefix) &&
  [endpoint, publicEndpoint].every((server) => server === null || isServer(server)) &&
  (region === null || regionShape.test(region))

const isServer = (text: string): boolean => {
  const url = URL.parse(text)
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.search === '' &&
    url.hash === ''
  )
}
