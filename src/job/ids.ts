import { randomBytes } from 'node:crypto'

/** Every kind of id: a type prefix and a UUIDv7 (api.md §0). Ids are opaque to clients and sort by creation. */
export const idPrefixes = {
  job: 'job',
  batch: 'bat',
  upload: 'upl',
  resumableUpload: 'tus',
  artifact: 'art',
  session: 'ses',
  message: 'msg',
  callbackEndpoint: 'cep',
  callbackDelivery: 'dlv',
  event: 'evt',
  apiKey: 'key',
  tenant: 'ten',
  intake: 'int',
  intakeFailure: 'ifl',
  permit: 'prm',
  account: 'acc',
  audit: 'aud',
} as const

const idBytes = 16
let block = Buffer.alloc(0)
let usedBytes = 0

/** Asking for random bytes costs much the same for one id as for hundreds. */
const drawRandom = (): Buffer => {
  if (usedBytes === block.length) {
    block = randomBytes(256 * idBytes)
    usedBytes = 0
  }
  usedBytes += idBytes
  return block.subarray(usedBytes - idBytes, usedBytes)
}

/** A UUIDv7 (RFC 9562 §5.7) for the given time, as 36 characters. */
export const uuidv7 = (nowMs: number): string => {
  const bytes = drawRandom()
  bytes.writeUIntBE(Math.floor(nowMs), 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** A new id of a kind, for example `job_0198c0de-7000-7…`. */
export const newId = (kind: keyof typeof idPrefixes, nowMs: number): string =>
  `${idPrefixes[kind]}_${uuidv7(nowMs)}`

const mostInMs = 0x1000

/** Makes ids of one kind that sort in the order in which they were made, also within a millisecond (RFC 9562 §6.2). */
export const createIdSequence = (kind: keyof typeof idPrefixes, now: () => number): (() => string) => {
  let lastMs = 0
  let count = 0
  return () => {
    const nowMs = Math.max(lastMs, Math.floor(now()))
    count = nowMs > lastMs ? 0 : count + 1
    lastMs = count < mostInMs ? nowMs : nowMs + 1
    count %= mostInMs
    const id = newId(kind, lastMs)
    const at = idPrefixes[kind].length + '_xxxxxxxx-xxxx-7'.length
    return `${id.slice(0, at)}${count.toString(16).padStart(3, '0')}${id.slice(at + 3)}`
  }
}
