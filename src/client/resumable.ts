/** Uploads by tus 1.0: what came before a broken connection is kept, and only the rest is sent again. */
import { CliplineError } from './error.ts'
import { type SendProgress, toBody } from './outgoing.ts'
import { createPatience, type PatienceOptions } from './patience.ts'
import { type Transport, unwrap } from './transport.ts'
import type { SeekableSource } from './upload-source.ts'

export interface OutgoingFile extends PatienceOptions {
  readonly source: SeekableSource
  readonly filename: string
  /** Of the upload: under the same one, a later call goes on where this one ended. */
  readonly idempotencyKey: string
  readonly onProgress?: ((progress: SendProgress) => void) | undefined
}

/** How far a file has come; the upload that it became, once it is whole. */
interface Reached {
  readonly offsetBytes: number
  readonly uploadId: string | null
}

const tusVersion = '1.0.0'
/** So long nobody takes a byte of it: the connection is dead. */
const longestStallMs = 120_000

/** The id of the upload. Rejects with what was wrong with reading the source, or when nothing moves any more. */
export const sendResumably = async (transport: Transport, file: OutgoingFile): Promise<string> => {
  const patience = createPatience(file)
  const { id, isAgain } = await begin(transport, file)
  let reached: Reached = isAgain ? await ask(transport, id, file) : { offsetBytes: 0, uploadId: null }
  while (reached.uploadId === null) {
    const from = reached
    const now = await sendRest(transport, id, file, from.offsetBytes).catch(async (error: unknown) => {
      await patience.afterBreak(isBehind(error) ? brokenOff(from, error) : error)
      return null
    })
    // What the service says it has is what counts, not what went out.
    reached = now ?? (await askPatiently())
    if (reached.offsetBytes > from.offsetBytes) patience.moved()
    else if (now !== null && now.uploadId === null) await patience.afterBreak(brokenOff(from))
  }
  return reached.uploadId

  async function askPatiently(): Promise<Reached> {
    for (;;) {
      const now = await ask(transport, id, file).catch(patience.afterBreak)
      if (now !== undefined) return now
    }
  }
}

const brokenOff = ({ offsetBytes }: Reached, cause?: unknown): CliplineError =>
  new CliplineError('unreachable', `the upload broke off after ${offsetBytes} bytes`, { cause })

/** A request before this one got further than it seemed, or is still being taken in. */
const isBehind = (error: unknown): boolean =>
  error instanceof CliplineError && error.code === 'offset_mismatch'

const begin = async ({ http }: Transport, { source, filename, idempotencyKey, signal }: OutgoingFile) => {
  const pairs = { filename, version: source.version }
  const metadata = Object.entries(pairs).map(
    ([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`,
  )
  const header = {
    'Tus-Resumable': tusVersion,
    'Idempotency-Key': idempotencyKey,
    'Upload-Length': String(source.sizeBytes),
    'Upload-Metadata': metadata.join(','),
  } as const
  const answered = http.POST('/v1/uploads/resumable', { params: { header }, ...(signal && { signal }) })
  const { id } = await unwrap(answered)
  const { response } = await answered
  return { id, isAgain: response.headers.has('idempotency-replayed') }
}

const ask = async ({ open }: Transport, id: string, { signal }: OutgoingFile): Promise<Reached> =>
  toReached(await open(pathOf(id), { method: 'HEAD', headers: { 'tus-resumable': tusVersion }, signal }))

/** Sends what is missing; how far it got. */
const sendRest = async (
  { open }: Transport,
  id: string,
  { source, onProgress, signal }: OutgoingFile,
  offsetBytes: number,
): Promise<Reached> => {
  const stall = createStallTimer()
  const { body, fault } = toBody(readWhole(source, offsetBytes), (sentBytes) => {
    const nowBytes = offsetBytes + sentBytes
    onProgress?.({ sentBytes: nowBytes, totalBytes: source.sizeBytes })
    // The answer to the last byte comes when the file was put together and judged.
    if (nowBytes < source.sizeBytes) stall.restart()
    else stall.stop()
  })
  try {
    const response = await open(pathOf(id), {
      method: 'PATCH',
      headers: {
        'tus-resumable': tusVersion,
        'upload-offset': String(offsetBytes),
        'content-type': 'application/offset+octet-stream',
      },
      body,
      signal: signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]),
      isUpload: true,
    })
    return toReached(response)
  } catch (error) {
    throw fault() ?? error
  } finally {
    stall.stop()
  }
}

const pathOf = (id: string): string => `/v1/uploads/resumable/${encodeURIComponent(id)}`

const toReached = ({ headers }: Response): Reached => {
  const offset = headers.get('upload-offset') ?? ''
  if (!/^\d{1,15}$/.test(offset))
    throw new CliplineError('unexpected_answer', 'the service does not say how far the upload has come')
  return { offsetBytes: Number(offset), uploadId: headers.get('clipline-upload-id') }
}

/** The bytes from one on. Throws where they are not as many as they were. */
async function* readWhole(source: SeekableSource, fromByte: number): AsyncGenerator<Uint8Array> {
  let atByte = fromByte
  for await (const chunk of source.open(fromByte)) {
    atByte += chunk.byteLength
    if (atByte > source.sizeBytes) break
    yield chunk
  }
  if (atByte !== source.sizeBytes) throw new Error('the file was changed while it was sent')
}

const createStallTimer = () => {
  const stalled = new AbortController()
  const abort = () => stalled.abort(new CliplineError('unreachable', 'nobody takes the bytes of the upload'))
  let timer = setTimeout(abort, longestStallMs)
  return {
    signal: stalled.signal,
    restart() {
      clearTimeout(timer)
      timer = setTimeout(abort, longestStallMs)
    },
    stop: () => clearTimeout(timer),
  }
}
