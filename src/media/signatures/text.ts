import type { ContentType } from '../content-type.ts'
import { headBytes } from './head.ts'

/** Control characters other than tab, line feed, form feed and carriage return. */
const forbiddenControl = /[^\P{Cc}\t\n\f\r]/u

/**
 * UTF-8 without control characters; a character cut in two by the end of the head is forgiven. UTF-16 is not text
 * here: it has a NUL in every other byte, or a byte order mark that is not UTF-8.
 */
const decodeText = (head: Buffer): string | null => {
  try {
    const isCut = head.length >= headBytes
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: isCut })
    return forbiddenControl.test(text) ? null : text
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

export const detectText = (head: Buffer): ContentType | null => {
  const text = decodeText(head)
  return text === null || text.trim() === '' ? null : 'text/plain'
}
