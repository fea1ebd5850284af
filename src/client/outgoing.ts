/** Sends a source of bytes as the body of one request, again where it can be read again. */
import { CliplineError } from './error.ts'
import { backoffMs, pause } from './time.ts'
import type { Transport } from './transport.ts'
import type { OpenedSource } from './upload-source.ts'

export interface SendProgress {
  readonly sentBytes: number
  /** Null for a stream, whose length nobody knows. */
  readonly totalBytes: number | null
}

export interface Outgoing {
  readonly path: string
  /** With an `Idempotency-Key`, so that what was taken already is not taken twice. */
  readonly headers: Readonly<Record<string, string>>
  readonly source: OpenedSource
  readonly onProgress?: ((progress: SendProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const maxTries = 4

/** The answer. Rejects with what was wrong with reading the source, or after the last try. */
export const sendSource = async (transport: Transport, outgoing: Outgoing): Promise<Response> => {
  for (let no = 1; ; no += 1) {
    try {
      return await sendOnce(transport, outgoing)
    } catch (error) {
      const isPassing = error instanceof CliplineError && (error.retryable || isInFlight(error))
      if (!isPassing || !outgoing.source.isRepeatable || no === maxTries) throw error
      await pause(Math.max(error.retryAfterMs ?? 0, backoffMs(no)), outgoing.signal)
    }
  }
}

/** The service has not noticed yet that the try before this one broke. */
const isInFlight = ({ code }: CliplineError): boolean => code === 'idempotency_in_flight'

const sendOnce = async (
  { open }: Transport,
  { path, headers, source, onProgress, signal }: Outgoing,
): Promise<Response> => {
  const { body, fault } = toBody(source.open(), (sentBytes) =>
    onProgress?.({ sentBytes, totalBytes: source.sizeBytes }),
  )
  try {
    return await open(path, { method: 'POST', headers, body, signal, isUpload: true })
  } catch (error) {
    throw fault() ?? error
  }
}

/** Bytes as a request's body, which says how many of them it has given; and what went wrong with reading them. */
export const toBody = (source: AsyncIterable<Uint8Array>, onSent: (sentBytes: number) => void) => {
  const chunks = source[Symbol.asyncIterator]()
  let sentBytes = 0
  let fault: unknown = null
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (done) return controller.close()
        controller.enqueue(value)
        sentBytes += value.byteLength
      } catch (error) {
        fault = error
        return controller.error(error)
      }
      onSent(sentBytes)
    },
    async cancel() {
      await chunks.return?.()
    },
  })
  return { body, fault: () => fault }
}
