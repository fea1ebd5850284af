/** What is refused by name: a better answer than "unknown", and never let through as text or behind another head. */
import { hasAscii, hasBytes, uintLe } from '../bytes.ts'

type Signature = readonly [name: string, offset: number, magic: string]

/** Things with a meaning to programs that are, or may be, text. */
const documents: readonly Signature[] = [
  ['a PDF document', 0, '%PDF-'],
  ['a PostScript document', 0, '%!PS'],
  ['an RTF document', 0, '{\\rtf'],
  ['a script', 0, '#!'],
  ['a playlist', 0, '#EXTM3U'],
  ['a playlist', 0, '[playlist]'],
  ['an FFmpeg list', 0, 'ffconcat version'],
]

/** Things that are never text. Their short signatures alone would refuse sentences ("MZ", "FORM"). */
const binaries: readonly Signature[] = [
  ['an Office document', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['a ZIP archive', 0, 'PK\x03\x04'],
  ['a ZIP archive', 0, 'PK\x05\x06'],
  ['a RAR archive', 0, 'Rar!\x1a\x07'],
  ['a 7z archive', 0, '7z\xbc\xaf\x27\x1c'],
  ['a gzip archive', 0, '\x1f\x8b'],
  ['a bzip2 archive', 0, 'BZh'],
  ['an xz archive', 0, '\xfd7zXZ\0'],
  ['a Zstandard archive', 0, '\x28\xb5\x2f\xfd'],
  ['a cabinet archive', 0, 'MSCF'],
  ['a tar archive', 257, 'ustar'],
  ['a Windows program', 0, 'MZ'],
  ['a Linux program', 0, '\x7fELF'],
  ['a macOS program', 0, '\xcf\xfa\xed\xfe'],
  ['a Java class or macOS program', 0, '\xca\xfe\xba\xbe'],
  ['a WebAssembly program', 0, '\0asm'],
  ['a TIFF image', 0, 'II*\0'],
  ['a TIFF image', 0, 'MM\0*'],
  ['a Photoshop image', 0, '8BPS'],
  ['a JPEG XL image', 0, '\xff\x0a'],
  ['a JPEG XL image', 4, 'JXL \r\n\x87\n'],
  ['a JPEG 2000 image', 4, 'jP  \r\n\x87\n'],
  ['an Ogg file', 0, 'OggS'],
  ['a FLAC file', 0, 'fLaC'],
  ['a Flash video', 0, 'FLV\x01'],
  ['a Windows Media file', 0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11'],
  ['an MPEG program stream', 0, '\0\0\x01\xba'],
  ['a MIDI file', 0, 'MThd'],
  ['an AIFF file', 0, 'FORM'],
  ['an ISO media file of another brand', 4, 'ftyp'],
  ['a QuickTime file without a file type', 4, 'moov'],
]

const isTransportStream = (head: Buffer): boolean =>
  [0, 188, 376].every((offset) => hasBytes(head, offset, [0x47]))

const isBitmap = (head: Buffer): boolean =>
  hasAscii(head, 0, 'BM') && [12, 40, 108, 124].includes(uintLe(head, 14, 4))

/** Markup at the beginning, or an active element anywhere: `<` alone may well be part of a prompt. */
const leadingMarkup = /^\s*<(?:!doctype|!--|\?xml|(?:head|body|smil|mpd)[\s>])/i
const activeMarkup = /<(?:script|svg|html|iframe|object|embed|\?php|!doctype)[\s>/]/i

/** Whether text, or what claims to be, is in truth HTML, SVG, XML or a server page. */
const isMarkup = (text: string): boolean => leadingMarkup.test(text) || activeMarkup.test(text)

const nameOf = (signatures: readonly Signature[], head: Buffer): string | null =>
  signatures.find(([, offset, magic]) => hasAscii(head, offset, magic))?.[0] ?? null

/** The name of the refused thing that a text is, or null for plain text. */
export const findDocument = (head: Buffer): string | null => {
  const text = head.toString('utf8').replace(/^\ufeff/, '')
  return nameOf(documents, Buffer.from(text.slice(0, 32))) ?? (isMarkup(text) ? 'markup' : null)
}

/** The name of the refused thing that a file which is no text is, or null for an unknown one. */
export const findBinary = (head: Buffer): string | null => {
  if (isBitmap(head)) return 'a BMP image'
  return isTransportStream(head) ? 'an MPEG transport stream' : nameOf(binaries, head)
}

/** Where programs that guess types look for theirs; random bytes hold none of these by chance. */
const disguiseBytes = 2048

/** The other thing that a media file is at the same time (a polyglot), as far as its head shows; null if nothing. */
export const findDisguise = (head: Buffer): string | null => {
  const start = head.toString('latin1', 0, disguiseBytes)
  if (start.includes('%PDF-')) return 'a PDF document'
  if (activeMarkup.test(start)) return 'markup'
  for (let at = start.indexOf('PK\x03\x04'); at >= 0; at = start.indexOf('PK\x03\x04', at + 1))
    if (uintLe(head, at + 4, 2) <= 63 && uintLe(head, at + 6, 2) <= 0x0fff) return 'a ZIP archive'
  return null
}
