import { type ContentType, contentTypes } from './content-type.ts'

/** Longer names do not fit into a directory entry, nor into a header that others will copy. */
const maxNameBytes = 255

/** Path separators, also percent-encoded, and encoded any number of times over. */
const separators = /[/\\]|%(?:25)*(?:2f|5c)/gi
const encodedNul = /%(?:25)*00/gi
/**
 * Control and format characters (the marks that turn the direction of text around are among them), line separators,
 * lone surrogates and characters that do not exist; not the joiners, without which some scripts are misspelled.
 */
const invisible = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{NChar}]/gu
/** What Windows and shells read as something else. */
const reserved = /[<>:"|?*;`$]/g
const deviceName =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?=\.|$)/i

const mediaExtensions = new Set<string>(Object.values(contentTypes).flatMap(({ extensions }) => extensions))

const toVisible = (text: string): string =>
  text.replace(encodedNul, '').replace(invisible, '').replace(/\s+/gu, ' ')

const lastPart = (path: string): string => path.split(separators).at(-1) ?? ''

/** Without the dots and spaces at the end, which Windows drops. */
const endTrimmed = (text: string): string => text.replace(/[. ]+$/, '')

/** Without those at the beginning either, which hide a file. */
const trimmed = (text: string): string => endTrimmed(text).replace(/^[. ]+/, '')

/** Cut to so many bytes of UTF-8, between two characters as people see them. */
const cutTo = (text: string, maxBytes: number): string => {
  if (Buffer.byteLength(text) <= maxBytes) return text
  let cut = ''
  let bytes = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(
    text.slice(0, maxBytes),
  )) {
    bytes += Buffer.byteLength(segment)
    if (bytes > maxBytes) break
    cut += segment
  }
  return cut
}

/** The name without an extension of a media type; any other ending is part of the name. */
const stemOf = (name: string): string => {
  const dot = name.lastIndexOf('.')
  return dot >= 0 && mediaExtensions.has(name.slice(dot + 1).toLowerCase()) ? name.slice(0, dot) : name
}

const extensionFor = (name: string, contentType: ContentType): string => {
  const own = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const { extensions } = contentTypes[contentType]
  return extensions.find((extension) => extension === own) ?? extensions[0]
}

/**
 * A client's file name as it is kept and passed on: the last part of a path, visible characters only, NFC, at most
 * 255 bytes of UTF-8, with the extension of what the file is by its content. A name is metadata: it never becomes part
 * of a path or of a storage key here, but nobody knows what others do with it (guarantees.md §4.3).
 */
export const cleanFileName = (name: string, contentType: ContentType): string => {
  const visible = endTrimmed(lastPart(toVisible(name.slice(-4096)).normalize('NFC')).replace(reserved, '_'))
  const extension = extensionFor(visible, contentType)
  const stem = trimmed(stemOf(visible)).replace(deviceName, '_$&')
  return `${trimmed(cutTo(stem, maxNameBytes - extension.length - 1)) || 'file'}.${extension}`
}
