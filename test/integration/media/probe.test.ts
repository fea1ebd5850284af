import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bufferSource } from '../../../src/media/byte-source.ts'
import { probeUpload, probeVideo } from '../../../src/media/probe.ts'
import {
  aac,
  avi,
  bytes,
  fileType,
  gif,
  heic,
  id3,
  jpeg,
  jpegSegment,
  mp3,
  png,
  wav,
} from '../../unit/media/sample-files.ts'
import { sampleVideo } from './sample-videos.ts'

const video = (file: Buffer) => probeVideo(bufferSource(file))
const upload = (file: Buffer) => probeUpload(bufferSource(file))

describe('probing a video', () => {
  it.each([
    ['mp4', 'mp4'],
    ['fastStartMp4', 'mp4'],
    ['fragmentedMp4', 'mp4'],
    ['mov', 'mov'],
    ['mkv', 'mkv'],
  ] as const)('reads the facts of %s', async (format, container) => {
    expect(await video(await sampleVideo({ format }))).toEqual({
      ok: true,
      container,
      durationS: 2.02,
      width: 320,
      height: 240,
      videoCodec: 'h264',
      audioCodec: 'aac',
      hasAudio: true,
      fps: 25,
    })
  })

  it('reads the facts of WebM without sound', async () => {
    const file = await sampleVideo({ format: 'webm', videoCodec: 'vp9', audioCodec: null })
    expect(await video(file)).toMatchObject({
      ok: true,
      container: 'webm',
      durationS: 2,
      videoCodec: 'vp9',
      audioCodec: null,
      hasAudio: false,
    })
  })

  it('reads the facts of AVI', async () => {
    expect(await video(avi())).toEqual({
      ok: true,
      container: 'avi',
      durationS: 2,
      width: 320,
      height: 240,
      videoCodec: 'h264',
      audioCodec: 'mp3',
      hasAudio: true,
      fps: 25,
    })
  })

  it('gives the size as it is seen, not as it is coded', async () => {
    const file = await sampleVideo({ format: 'mp4', rotation: 90 })
    expect(await video(file)).toMatchObject({ width: 240, height: 320 })
  })

  it('is not confused by frames out of order', async () => {
    const file = await sampleVideo({ format: 'mp4', audioCodec: null, isReordered: true })
    expect(await video(file)).toMatchObject({ ok: true, durationS: expect.closeTo(2, 0), fps: 25 })
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'not_a_video'],
    ['HTML', Buffer.from('<!doctype html><html>404 not found</html>'), 'not_a_video'],
    ['JSON', Buffer.from('{"error":"expired"}'), 'not_a_video'],
    ['a picture', jpeg(), 'not_a_video'],
    ['sound', mp3(), 'not_a_video'],
    ['an MP4 with nothing in it', bytes(fileType('isom'), [0, 0, 0, 8], 'free'), 'unreadable'],
    [
      'an MP4 of noise',
      bytes(fileType('isom'), [0, 0, 0x10, 0], 'moov', randomBytes(4096 - 8)),
      'unreadable',
    ],
    ['an AVI without streams', avi({ hasVideo: false, hasAudio: false }), 'unreadable'],
    ['an AVI with sound alone', avi({ hasVideo: false }), 'no_video_track'],
    ['an AVI of no duration', avi({ frames: 0 }), 'no_duration'],
  ])('says that %s is no video to use', async (_, file, reason) => {
    expect(await video(file)).toMatchObject({ ok: false, reason })
  })

  it('says that an MP4 with sound alone has no video track', async () => {
    const file = await sampleVideo({ format: 'mp4', videoCodec: null })
    expect(await video(file)).toMatchObject({ ok: false, reason: 'no_video_track' })
  })

  it('says that a video without a frame has no video track', async () => {
    const file = await sampleVideo({ format: 'mp4', audioCodec: null, seconds: 0 })
    expect(await video(file)).toMatchObject({ ok: false })
  })

  it.each(['mp4', 'fastStartMp4', 'fragmentedMp4', 'mov'] as const)(
    'notices that %s was cut off, wherever',
    async (format) => {
      const file = await sampleVideo({ format, audioCodec: null })
      for (let percent = 0; percent < 100; percent += 7) {
        const cut = file.subarray(0, Math.floor((file.length * percent) / 100))
        const probe = await video(cut)
        if (format === 'fragmentedMp4' && probe.ok) expect(probe.durationS).toBeLessThan(2)
        else expect(probe).toMatchObject({ ok: false })
      }
    },
  )

  it('throws what the source throws, not a verdict on the file', async () => {
    const broken = new Error('the disk is gone')
    const file = await sampleVideo({ format: 'mp4' })
    const source = {
      sizeBytes: file.length,
      read: async (start: number, end: number) => {
        if (end > 16_384) throw broken
        return file.subarray(start, end)
      },
    }
    await expect(probeVideo(source)).rejects.toBe(broken)
  })

  it('stops reading when the index alone is larger than any sound one', async () => {
    const read: number[] = []
    const sizeBytes = 400 * 1024 * 1024
    const moovBytes = sizeBytes - 24
    const head = bytes(
      fileType('isom', 'mp42'),
      [moovBytes >>> 24, moovBytes >>> 16, moovBytes >>> 8, moovBytes],
      'moov',
    )
    const source = {
      sizeBytes,
      read: async (start: number, end: number) => {
        read.push(end - start)
        const part = new Uint8Array(end - start)
        part.set(head.subarray(start, end))
        return part
      },
    }
    expect(await probeVideo(source)).toMatchObject({ ok: false, reason: 'too_complex' })
    expect(read.reduce((sum, length) => sum + length, 0)).toBeLessThan(64 * 1024 * 1024)
  })
})

describe('probing an upload', () => {
  it.each([
    ['a picture', png(40, 30), 'image', 'image/png', 40, 30, null],
    ['an animation', gif(40, 30), 'image', 'image/gif', 40, 30, null],
    ['HEIC', heic(40, 30), 'image', 'image/heic', 40, 30, null],
    [
      'a photo with a large profile',
      jpeg(40, 30, { segments: Array.from({ length: 8 }, () => jpegSegment(0xe2, Buffer.alloc(60_000))) }),
      'image',
      'image/jpeg',
      40,
      30,
      null,
    ],
    ['AVI', avi(), 'video', 'video/x-msvideo', 320, 240, 2],
    ['AVI with sound alone', avi({ hasVideo: false }), 'audio', 'video/x-msvideo', null, null, 2],
    ['WAV', wav(2), 'audio', 'audio/wav', null, null, 2],
    ['MP3', mp3(100), 'audio', 'audio/mpeg', null, null, expect.closeTo(2.6, 1)],
    ['MP3 with a tag', bytes(id3(1000), mp3(100)), 'audio', 'audio/mpeg', null, null, expect.closeTo(2.6, 1)],
    ['AAC', aac(100), 'audio', 'audio/aac', null, null, expect.closeTo(2.3, 1)],
    ['text', Buffer.from('a fox in the snow'), 'text', 'text/plain', null, null, null],
  ])('reads the facts of %s', async (_, file, kind, contentType, width, height, durationS) => {
    expect(await upload(file)).toEqual({ ok: true, kind, contentType, width, height, durationS })
  })

  it('reads the facts of a clip', async () => {
    expect(await upload(await sampleVideo({ format: 'mov' }))).toEqual({
      ok: true,
      kind: 'video',
      contentType: 'video/quicktime',
      width: 320,
      height: 240,
      durationS: 2.02,
    })
  })

  it('tells M4A from MP4 by what is in it, whatever its brand', async () => {
    const sound = await sampleVideo({ format: 'mp4', videoCodec: null })
    expect(await upload(sound)).toMatchObject({ kind: 'audio', contentType: 'audio/mp4', width: null })
    const clip = await sampleVideo({ format: 'mp4' })
    clip.write('M4A ', 8)
    expect(await upload(clip)).toMatchObject({ kind: 'video', contentType: 'video/mp4', width: 320 })
  })

  it.each([
    ['a decompression bomb', png(50_000, 50_000), 'too_many_pixels'],
    ['a picture cut in its header', jpeg().subarray(0, 30), 'unsupported_media_type'],
    ['a picture without a size', png(0, 1), 'unreadable'],
    ['an archive', bytes('PK\x03\x04', Buffer.alloc(30)), 'unsupported_media_type'],
    ['nothing', Buffer.alloc(0), 'unsupported_media_type'],
    ['an MP4 with nothing in it', bytes(fileType('isom'), [0, 0, 0, 8], 'free'), 'unreadable'],
  ])('refuses %s', async (_, file, reason) => {
    expect(await upload(file)).toMatchObject({ ok: false, reason, detail: expect.any(String) })
  })
})
