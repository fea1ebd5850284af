/** The files of an upload request, whichever way they come: multipart, or the body itself. Nothing is buffered. */
import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { IncomingFile } from '../actions/create-upload.ts'
import type { Fault } from '../actions/fault.ts'
import { oneAhead } from '../media/drain.ts'
import { decodePercents } from '../url-name.ts'
import { invalidRequest } from './request-refusal.ts'

const maxFiles = 20

const fault = (pointer: string, code: string, detail: string): Fault => ({ pointer, code, detail })

/** Throws `RequestRefusal` for a form that is broken, or holds anything but files, or none. */
export async function* multipartFiles(request: FastifyRequest): AsyncGenerator<IncomingFile> {
  let count = 0
  // The size of a file is bounded where it is stored, which ends it at once.
  const limits = { fileSize: Number.POSITIVE_INFINITY, files: maxFiles, fields: 1, parts: maxFiles + 1 }
  for await (const part of refusingBroken(request.parts({ limits }))) {
    if (part.type !== 'file')
      throw invalidRequest([
        fault(`/${part.fieldname}`, 'unknown_field', 'is not accepted; a form holds files and nothing else'),
      ])
    count += 1
    yield {
      filename: part.filename ?? '',
      body: Readable.from(refusingBroken<Buffer>(part.file), oneAhead),
      sizeBytes: null,
    }
  }
  if (count === 0) throw invalidRequest([fault('', 'missing', 'must hold at least one file')])
}

/** The parser of forms throws plain errors: what it cannot read is the client's mistake. */
async function* refusingBroken<Part>(parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  try {
    yield* parts
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error
    throw invalidRequest(
      [fault('', 'not_accepted', 'must be a whole multipart/form-data body with its boundary')],
      error,
    )
  }
}

/** The body as one file. Throws `RequestRefusal` when there is none. */
export async function* rawFile(request: FastifyRequest): AsyncGenerator<IncomingFile> {
  const length = request.headers['content-length']
  if (length === '0' || (length === undefined && request.headers['transfer-encoding'] === undefined))
    throw invalidRequest([fault('', 'missing', 'must hold a file')])
  yield {
    filename: filenameOf(request.headers['x-filename']),
    body: request.raw,
    sizeBytes: length === undefined ? null : Number(length),
  }
}

/** `X-Filename` as it is, or percent-encoded UTF-8. */
const filenameOf = (header: string | string[] | undefined): string =>
  decodePercents(asUtf8(String(header ?? '')))

/** Node reads headers as Latin-1; most clients write UTF-8. */
const asUtf8 = (text: string): string => {
  const bytes = Buffer.from(text, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : text
}
