import { finished, pipeline, type Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { OpenResponse } from './exchange.ts'
import { EgressError, type EgressFailure, failureOf } from './failure.ts'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/**
 * The body without its content coding. We ask for `identity`; a server that encodes all the same is understood for one
 * coding, with the wire bytes capped too. For anything else the body fails. Destroying either end destroys both.
 */
export const decodedBody = ({ wireBody, headers }: OpenResponse, maxBytes: number): Readable => {
  const coding = String(headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase()
  if (coding === '' || coding === 'identity') return wireBody
  const createDecoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (createDecoder === undefined) {
    return wireBody.destroy(new EgressError({ outcome: 'unreachable', cause: 'unknown_content_encoding' }))
  }
  return chain(wireBody, byteCap(maxBytes), createDecoder())
}

/** The body with at most `maxBytes`; beyond it, and for every other ending, it fails with an {@link EgressError}. */
export const cappedBody = (body: Readable, maxBytes: number): Readable => chain(body, byteCap(maxBytes))

/** What was read of a body, and why no more: `null` when this is all of it. */
export interface CollectedBody {
  readonly bytes: Buffer
  readonly failure: EgressFailure | null
}

/** Reads at most `maxBytes`, then destroys the rest. Never rejects: what came before a failure is kept. */
export const collectBody = (body: Readable, maxBytes: number): Promise<CollectedBody> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    body.on('data', (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, Math.max(0, maxBytes - sizeBytes)))
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) body.destroy(new EgressError({ outcome: 'too_large', limitBytes: maxBytes }))
    })
    finished(body, (error) => {
      resolve({ bytes: Buffer.concat(chunks), failure: error ? failureOf(error) : null })
    })
  })

/** Fails once more than `maxBytes` have passed, and gives every other failure on the way its name. */
const byteCap = (maxBytes: number): Transform => {
  let sizeBytes = 0
  const cap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) return done(new EgressError({ outcome: 'too_large', limitBytes: maxBytes }))
      done(null, chunk)
    },
  })
  // Who begins to read when it has failed already is told what it was destroyed with: that has to have the name.
  const destroy = cap.destroy.bind(cap)
  cap.destroy = (error) => destroy(error && new EgressError(failureOf(error), { cause: error }))
  return cap
}

/** Joins streams so that the end of one is the end of all. The last one reports the failure, so nothing is lost here. */
const chain = (source: Readable, ...transforms: [Transform, ...Transform[]]): Readable =>
  transforms.reduce<Readable>((from, to) => pipeline(from, to, () => undefined), source)
