import { Readable } from 'node:stream'
import { type ContentType, contentTypes, type MediaKind } from './content-type.ts'
import { oneAhead } from './drain.ts'
import { detectAudioFrames } from './signatures/audio.ts'
import { type Detector, headBytes } from './signatures/head.ts'
import { detectGif, detectJpeg, detectPng, detectWebp } from './signatures/image.ts'
import { detectIso } from './signatures/iso.ts'
import { detectMatroska } from './signatures/matroska.ts'
import { findBinary, findDisguise, findDocument } from './signatures/refused.ts'
import { detectAvi, detectWav } from './signatures/riff.ts'
import { detectText } from './signatures/text.ts'

export { headBytes } from './signatures/head.ts'

export type Sniffed =
  | { readonly ok: true; readonly contentType: ContentType; readonly kind: MediaKind }
  | {
      readonly ok: false
      /** `refused`: recognized and not wanted; `disguised`: media that is something else as well. */
      readonly reason: 'empty' | 'refused' | 'disguised' | 'unknown'
      /** A sentence for the client; holds nothing of the file. */
      readonly detail: string
    }

const mediaDetectors: readonly Detector[] = [
  detectJpeg,
  detectPng,
  detectGif,
  detectWebp,
  detectIso,
  detectMatroska,
  detectWav,
  detectAvi,
  detectAudioFrames,
]

const refuse = (reason: 'empty' | 'refused' | 'disguised' | 'unknown', detail: string): Sniffed => ({
  ok: false,
  reason,
  detail,
})

const accept = (contentType: ContentType): Sniffed => ({
  ok: true,
  contentType,
  kind: contentTypes[contentType].kind,
})

const detectMedia = (head: Buffer): ContentType | null => {
  for (const detect of mediaDetectors) {
    const contentType = detect(head)
    if (contentType !== null) return contentType
  }
  return null
}

/**
 * The type of a file by its content, from its first `headBytes` bytes, or all of them where there are fewer. Neither a
 * name nor a declared type has a say (guarantees.md §4.3). Pure; never throws.
 */
export const sniff = (head: Buffer): Sniffed => {
  if (head.length === 0) return refuse('empty', 'the file is empty')
  const contentType = detectMedia(head)
  if (contentType !== null) {
    const disguise = findDisguise(head)
    return disguise === null
      ? accept(contentType)
      : refuse('disguised', `the file is ${disguise} and a media file at the same time`)
  }
  const textType = detectText(head)
  const refused = findDocument(head) ?? (textType === null ? findBinary(head) : null)
  if (refused !== null) return refuse('refused', `the file is ${refused}, which is not accepted`)
  return textType === null
    ? refuse('unknown', 'the content of the file is of no accepted type')
    : accept(textType)
}

/** The chunks taken already, then the rest. Ending early ends the source, even while it is waited for. */
const replay = (
  taken: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  source: Readable | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      const value = taken.shift()
      return value === undefined ? rest.next() : { done: false, value }
    },
    return: async () => {
      if (source instanceof Readable) source.destroy()
      else await rest.return?.()
      return { done: true, value: undefined }
    },
  }),
})

/**
 * Sniffs a stream by taking no more than its head, and gives back a stream of the whole file. The caller reads that to
 * its end or destroys it, which ends the source. Throws what the source throws.
 */
export const sniffStream = async (
  source: Readable | AsyncIterable<Uint8Array>,
): Promise<{ readonly sniffed: Sniffed; readonly stream: Readable }> => {
  const iterator: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
  const taken: Uint8Array[] = []
  let takenBytes = 0
  while (takenBytes < headBytes) {
    const { done, value } = await iterator.next()
    if (done === true) break
    taken.push(value)
    takenBytes += value.byteLength
  }
  const head = Buffer.concat(taken, Math.min(takenBytes, headBytes))
  return { sniffed: sniff(head), stream: Readable.from(replay(taken, iterator, source), oneAhead) }
}
