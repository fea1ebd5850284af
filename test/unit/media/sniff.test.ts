import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headBytes, sniff, sniffStream } from '../../../src/media/sniff.ts'
import {
  aac,
  aacFrame,
  avi,
  be,
  box,
  bytes,
  fileType,
  gif,
  heic,
  id3,
  iso,
  jpeg,
  jpegSegment,
  le,
  matroska,
  mp3,
  mp3Frame,
  mp3Frame2,
  png,
  wav,
  wavWithNotes,
  webpExtended,
  webpLossless,
  webpLossy,
} from './sample-files.ts'

const padded = (file: Buffer): Buffer => bytes(file, Buffer.alloc(headBytes))
const comment = (text: string) => jpegSegment(0xfe, Buffer.from(text))
const gifComment = bytes([0x21, 0xfe, 3], 'abc', 0)

describe('sniffing what is accepted', () => {
  it.each<[string, Buffer, string]>([
    ['JPEG', jpeg(), 'image/jpeg'],
    ['a progressive JPEG', jpeg(3, 2, { frame: 0xc2 }), 'image/jpeg'],
    ['a JPEG with a comment', jpeg(3, 2, { segments: [comment('a fox')] }), 'image/jpeg'],
    [
      'a JPEG with a profile that fills the head',
      jpeg(3, 2, { segments: [jpegSegment(0xe2, Buffer.alloc(60_000))] }).subarray(0, headBytes),
      'image/jpeg',
    ],
    ['a JPEG with fill bytes', bytes([0xff, 0xd8, 0xff], jpeg().subarray(2)), 'image/jpeg'],
    ['PNG', png(), 'image/png'],
    ['GIF', gif(), 'image/gif'],
    ['an older GIF', bytes('GIF87a', gif().subarray(6)), 'image/gif'],
    ['a GIF with a comment', gif(3, 2, gifComment), 'image/gif'],
    ['an animated GIF', gif(3, 2, bytes([0x21, 0xff, 11], 'NETSCAPE2.0', [3, 1, 0, 0, 0])), 'image/gif'],
    ['lossy WebP', webpLossy(), 'image/webp'],
    ['lossless WebP', webpLossless(), 'image/webp'],
    ['extended WebP', webpExtended(), 'image/webp'],
    ['HEIC', heic(), 'image/heic'],
    ['HEIC under its general brand', iso('mif1', 'heic'), 'image/heic'],
    ['a HEIC sequence', iso('hevc', 'msf1'), 'image/heic'],
    ['HEIF of another codec', iso('mif1', 'jpeg'), 'image/heif'],
    ['AVIF', iso('avif', 'mif1'), 'image/avif'],
    ['AVIF under its general brand', iso('mif1', 'avif'), 'image/avif'],
    ['MP4', iso('isom', 'avc1'), 'video/mp4'],
    ['MP4 version 2', iso('mp42', 'isom'), 'video/mp4'],
    ['MP4 of a brand that only its compatible ones explain', iso('XAVC', 'mp42'), 'video/mp4'],
    ['3GP that is MP4 as well', iso('3gp5', 'isom'), 'video/mp4'],
    ['a fragmented MP4', bytes(fileType('iso6', 'dash'), box('moov')), 'video/mp4'],
    ['MOV', iso('qt  '), 'video/quicktime'],
    ['M4A', iso('M4A ', 'isom'), 'audio/mp4'],
    ['an audio book', iso('M4B ', 'mp42'), 'audio/mp4'],
    ['Matroska', matroska(), 'video/x-matroska'],
    ['WebM', matroska('webm'), 'video/webm'],
    ['WebM with a padded document type', matroska('webm\0\0'), 'video/webm'],
    ['AVI', avi(), 'video/x-msvideo'],
    ['WAV', wav(), 'audio/wav'],
    ['WAV with notes before its format', wavWithNotes(), 'audio/wav'],
    ['large WAV', bytes('RF64', wav().subarray(4)), 'audio/wav'],
    ['MP3', mp3(), 'audio/mpeg'],
    ['MP3 of half the rate', bytes(mp3Frame2, mp3Frame2), 'audio/mpeg'],
    ['MP3 of a single frame', mp3(1), 'audio/mpeg'],
    ['MP3 with a tag', bytes(id3(100), mp3()), 'audio/mpeg'],
    ['MP3 with a tag and padding', bytes(id3(100), Buffer.alloc(50), mp3()), 'audio/mpeg'],
    [
      'MP3 with cover art that fills the head',
      bytes(id3(300_000), mp3()).subarray(0, headBytes),
      'audio/mpeg',
    ],
    ['AAC', aac(), 'audio/aac'],
    ['AAC with a tag', bytes(id3(20), aac()), 'audio/aac'],
    ['text', Buffer.from('A fox runs through the snow.\r\n\tDusk.'), 'text/plain'],
    ['text in Chinese', Buffer.from('一只狐狸在雪中奔跑'), 'text/plain'],
    ['text with a byte order mark', Buffer.from('\ufeffA fox'), 'text/plain'],
    [
      'text that is cut within a character',
      Buffer.from('狐'.repeat(6000)).subarray(0, headBytes),
      'text/plain',
    ],
    ['text with an angle bracket', Buffer.from('<scene 1> a fox, 3 < 4, <lora:fox:0.8>'), 'text/plain'],
    ['text that begins like a program', Buffer.from('MZ is the initials of a man. BM too.'), 'text/plain'],
    ['text that begins like an archive', Buffer.from('BZh, said the bee'), 'text/plain'],
  ])('knows %s', (_, file, contentType) => {
    expect(sniff(file.subarray(0, headBytes))).toEqual({
      ok: true,
      contentType,
      kind: contentType.startsWith('text') ? 'text' : contentType.split('/')[0],
    })
  })
})

const pdf = '%PDF-1.7\n1 0 obj'
const zipHeader = bytes('PK\x03\x04', le(20, 2), le(0, 2), le(8, 2), Buffer.alloc(20))
const bitmap = bytes('BM', le(70, 4), le(0, 4), le(54, 4), le(40, 4), Buffer.alloc(50))
const crcBroken = png()
crcBroken.writeUInt8(0xff, 20)

describe('sniffing what is not', () => {
  it.each<[string, Buffer, string]>([
    ['nothing at all', Buffer.alloc(0), 'empty'],
    ['white space', Buffer.from(' \n\t '), 'unknown'],
    ['noise', Buffer.from('9f8e7d6c5b4a39281706f5e4d3c2b1a0', 'hex'), 'unknown'],
    ['zeros', Buffer.alloc(1000), 'unknown'],
    ['text with a NUL', Buffer.from('a fox\0'), 'unknown'],
    ['text with an escape sequence', Buffer.from('\x1b[31mred'), 'unknown'],
    ['text in Latin-1', Buffer.from('caf\xe9 au lait', 'latin1'), 'unknown'],
    ['text in UTF-16', Buffer.from('\ufeffa fox', 'utf16le'), 'unknown'],
    ['HTML', Buffer.from('<!DOCTYPE html><html><body>hi'), 'refused'],
    ['HTML behind white space', Buffer.from('\n\n  <HTML>\n'), 'refused'],
    ['HTML behind a byte order mark', Buffer.from('\ufeff<html>'), 'refused'],
    ['HTML behind a comment', Buffer.from('<!-- x --><p>hi'), 'refused'],
    ['a script element in text', Buffer.from('a fox <script>alert(1)</script>'), 'refused'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>'), 'refused'],
    ['SVG behind an XML declaration', Buffer.from('<?xml version="1.0"?><svg/>'), 'refused'],
    ['SVG behind text', Buffer.from('hello <svg/onload=alert(1)>'), 'refused'],
    ['PHP', Buffer.from('<?php system($_GET[0]);'), 'refused'],
    ['a shell script', Buffer.from('#!/bin/sh\nrm -rf /'), 'refused'],
    ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1\nfile:///etc/passwd'), 'refused'],
    ['a concatenation list', Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'"), 'refused'],
    ['SMIL', Buffer.from('<smil><body/></smil>'), 'refused'],
    ['a DASH manifest', Buffer.from('<MPD xmlns="x">'), 'refused'],
    ['PDF', Buffer.from(pdf), 'refused'],
    ['PDF with binary marks', bytes(pdf, [0xe2, 0xe3, 0xcf, 0xd3, 0]), 'refused'],
    ['PostScript', Buffer.from('%!PS-Adobe-3.0'), 'refused'],
    ['RTF', Buffer.from('{\\rtf1 hello}'), 'refused'],
    ['ZIP', zipHeader, 'refused'],
    ['an empty ZIP', bytes('PK\x05\x06', Buffer.alloc(18)), 'refused'],
    ['gzip', bytes([0x1f, 0x8b, 8, 0], Buffer.alloc(10)), 'refused'],
    ['bzip2', bytes('BZh91AY&SY', [0xff, 0, 1]), 'refused'],
    ['xz', bytes([0xfd], '7zXZ', [0, 0]), 'refused'],
    ['7z', bytes('7z', [0xbc, 0xaf, 0x27, 0x1c, 0, 4]), 'refused'],
    ['RAR', bytes('Rar!', [0x1a, 7, 0]), 'refused'],
    ['tar', bytes('name', Buffer.alloc(253), 'ustar\x0000', Buffer.alloc(200)), 'refused'],
    ['a Windows program', bytes('MZ', [0x90, 0, 3, 0]), 'refused'],
    ['a Linux program', bytes([0x7f], 'ELF', [2, 1, 1, 0]), 'refused'],
    ['a macOS program', bytes([0xcf, 0xfa, 0xed, 0xfe, 7, 0]), 'refused'],
    ['WebAssembly', bytes([0], 'asm', [1, 0, 0, 0]), 'refused'],
    [
      'an Office document',
      bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], Buffer.alloc(20)),
      'refused',
    ],
    ['BMP', bitmap, 'refused'],
    ['TIFF', bytes('II*\0', le(8, 4), Buffer.alloc(10)), 'refused'],
    ['JPEG XL', bytes([0xff, 0x0a, 0, 0]), 'refused'],
    ['JPEG 2000', bytes(be(12, 4), 'jP  \r\n', [0x87, 0x0a]), 'refused'],
    ['Photoshop', bytes('8BPS', [0, 1, 0, 0]), 'refused'],
    ['Ogg', bytes('OggS', [0, 2, 0, 0]), 'refused'],
    ['FLAC', bytes('fLaC', [0, 0, 0, 34]), 'refused'],
    ['Flash video', bytes('FLV', [1, 5, 0, 0]), 'refused'],
    ['Windows Media', bytes([0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0]), 'refused'],
    ['an MPEG program stream', bytes([0, 0, 1, 0xba, 0x44]), 'refused'],
    [
      'an MPEG transport stream',
      bytes(0x47, Buffer.alloc(187), 0x47, Buffer.alloc(187), 0x47, Buffer.alloc(187)),
      'refused',
    ],
    ['AIFF', bytes('FORM', be(10, 4), 'AIFF'), 'refused'],
    ['MIDI', bytes('MThd', be(6, 4)), 'refused'],
    ['Canon raw', iso('crx ', 'xxxx'), 'refused'],
    ['QuickTime without a file type', box('moov', Buffer.alloc(20)), 'refused'],
    ['an unknown RIFF form', bytes('RIFF', le(20, 4), 'ACONanih', Buffer.alloc(12)), 'unknown'],
    ['an EBML document of another type', matroska('something'), 'unknown'],
  ])('refuses %s', (_, file, reason) => {
    expect(sniff(file)).toMatchObject({ ok: false, reason, detail: expect.stringMatching(/^the /) })
  })

  it.each<[string, Buffer]>([
    ['a JPEG of three bytes', bytes([0xff, 0xd8, 0xff])],
    [
      'a JPEG whose data comes before its frame',
      bytes([0xff, 0xd8], jpegSegment(0xda, Buffer.alloc(6)), Buffer.alloc(9)),
    ],
    ['a JPEG with a segment of no length', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0], Buffer.alloc(20))],
    ['a JPEG with text behind its mark', bytes([0xff, 0xd8, 0xff], 'hello world')],
    ['a PNG signature alone', png().subarray(0, 8)],
    ['a PNG that begins with another chunk', bytes(png().subarray(0, 8), be(4, 4), 'CgBI', Buffer.alloc(40))],
    ['a PNG with a wrong checksum', crcBroken],
    ['a PNG that ends after its header', png().subarray(0, 33)],
    ['a script that calls itself GIF', bytes('GIF89a/*', Buffer.alloc(4), '*/=1;alert(1)//')],
    ['a GIF without an image', bytes(gif().subarray(0, 19), 0x3b)],
    ['a GIF cut in its palette', gif().subarray(0, 15)],
    ['WebP of an unknown coding', bytes('RIFF', le(20, 4), 'WEBPVP9 ', Buffer.alloc(20))],
    ['WebP without a start code', bytes('RIFF', le(30, 4), 'WEBPVP8 ', Buffer.alloc(30))],
    ['a file type box alone', fileType('isom', 'mp42')],
    ['a file type box of no size', bytes(be(0, 4), 'ftypisom', Buffer.alloc(30))],
    ['a file type box larger than any', bytes(be(0x7fffffff, 4), 'ftypisom', Buffer.alloc(30))],
    ['a file type box followed by markup', bytes(fileType('isom'), '<html><script>')],
    ['an EBML header cut short', matroska().subarray(0, 8)],
    ['an EBML mark alone', bytes([0x1a, 0x45, 0xdf, 0xa3])],
    ['WAV without a format', bytes('RIFF', le(12, 4), 'WAVE', 'data', le(0, 4))],
    ['WAV cut before its format', wav().subarray(0, 14)],
    ['AVI without headers', bytes('RIFF', le(16, 4), 'AVI LIST', le(4, 4), 'movi')],
    ['one MP3 header in noise', bytes(mp3Frame, 'noise, noise, noise')],
    ['an MPEG layer II frame', bytes([0xff, 0xfd, 0x90, 0x00], Buffer.alloc(600))],
    ['an MP3 header of a bad rate', bytes([0xff, 0xfb, 0xf0, 0x00], Buffer.alloc(600))],
    ['an ID3 tag with nothing behind it', id3(50)],
    ['an ID3 tag of a broken size', bytes('ID3', [4, 0, 0, 0xff, 0xff, 0xff, 0xff], mp3())],
    ['an ID3 tag before a program', bytes(id3(10), 'MZ', Buffer.alloc(100, 7))],
    ['one AAC header in noise', bytes(aacFrame(), 'noise, noise, noise')],
  ])('does not fall for %s', (_, file) => expect(sniff(file)).toMatchObject({ ok: false }))

  it.each<[string, Buffer]>([
    ['PDF in a JPEG comment', jpeg(3, 2, { segments: [comment(pdf)] })],
    ['HTML in a JPEG comment', jpeg(3, 2, { segments: [comment('<html><script>alert(1)</script>')] })],
    ['PHP in a JPEG comment', jpeg(3, 2, { segments: [comment('<?php system($_GET[0]); ?>')] })],
    ['ZIP in a JPEG comment', jpeg(3, 2, { segments: [jpegSegment(0xfe, zipHeader)] })],
    ['HTML in a GIF comment', gif(3, 2, bytes([0x21, 0xfe, 8], '<script>', 0))],
    ['PDF in a free box of an MP4', bytes(fileType('isom'), box('free', Buffer.from(pdf)), box('mdat'))],
    [
      'HTML in a free box of an MP4',
      bytes(fileType('isom'), box('free', Buffer.from('<html><body>')), box('mdat')),
    ],
    ['SVG in the tag of an MP3', bytes(id3(0).subarray(0, 6), [0, 0, 0, 20], '<svg onload="x()" />', mp3())],
    ['PDF in the padding of a WAV', wav(1, bytes('JUNK', le(16, 4), pdf))],
  ])('sees through a polyglot with %s', (_, file) => {
    expect(sniff(file)).toMatchObject({ ok: false, reason: 'disguised' })
  })

  it('takes a head for cut off only when it is as long as a head can be', () => {
    const cut = jpeg(3, 2, { segments: [jpegSegment(0xe2, Buffer.alloc(60_000))] })
    expect(sniff(cut.subarray(0, headBytes - 1))).toMatchObject({ ok: false })
    expect(sniff(cut.subarray(0, headBytes))).toMatchObject({ ok: true })
  })

  it('never throws, whatever the bytes and wherever they end', () => {
    const files = [
      jpeg(),
      png(),
      gif(),
      webpLossy(),
      heic(),
      iso('isom'),
      matroska(),
      avi(),
      wav(0),
      mp3(),
      aac(),
    ]
    for (const file of files) for (let end = 0; end <= file.length; end += 1) sniff(file.subarray(0, end))
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(300), fc.nat(255))),
        (file, changes) => {
          const changed = Buffer.from(file)
          for (const [at, value] of changes) if (at < changed.length) changed[at] = value
          sniff(changed)
          sniff(padded(changed))
        },
      ),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => void sniff(Buffer.from(noise))))
  })
})

describe('sniffing a stream', () => {
  const inChunks = (file: Buffer, chunkBytes: number): Readable =>
    Readable.from(
      Array.from({ length: Math.ceil(file.length / chunkBytes) }, (_, index) =>
        file.subarray(index * chunkBytes, (index + 1) * chunkBytes),
      ),
    )

  it.each([1, 7, 1000, 20_000, 100_000])(
    'gives the type and the whole file, in chunks of %i',
    async (chunkBytes) => {
      const file = padded(bytes(png(), Buffer.alloc(500, 5)))
      const { sniffed, stream } = await sniffStream(inChunks(file, chunkBytes))
      expect(sniffed).toMatchObject({ contentType: 'image/png' })
      expect(await buffer(stream)).toEqual(file)
    },
  )

  it('takes no more than the head before it answers', async () => {
    let given = 0
    async function* endless() {
      for (;;) {
        given += 1
        yield Buffer.alloc(1024)
      }
    }
    const { stream } = await sniffStream(endless())
    expect(given).toBe(16)
    stream.destroy()
  })

  it('answers for a file shorter than a head', async () => {
    const { sniffed, stream } = await sniffStream(Readable.from([]))
    expect(sniffed).toMatchObject({ ok: false, reason: 'empty' })
    expect(await buffer(stream)).toEqual(Buffer.alloc(0))
  })

  it('ends the source when its stream is destroyed unread', async () => {
    const source = inChunks(padded(mp3()), 1000)
    const { stream } = await sniffStream(source)
    const closed = new Promise((resolve) => source.once('close', resolve))
    stream.destroy()
    await closed
    expect(source.destroyed).toBe(true)
  })

  it('passes on the failure of its source, early or late', async () => {
    const broken = new Error('the client went away')
    const failing = (after: number) =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(after)
          throw broken
        })(),
      )
    await expect(sniffStream(failing(10))).rejects.toBe(broken)
    const { stream } = await sniffStream(failing(headBytes))
    await expect(buffer(stream)).rejects.toBe(broken)
  })
})
