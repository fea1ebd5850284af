import { describe, expect, it } from 'vitest'
import { readAviTracks } from '../../../src/media/avi-header.ts'
import { avi } from './sample-files.ts'

describe('the header of an AVI file', () => {
  it('tells its tracks', () => {
    expect(readAviTracks(avi())).toEqual({
      container: 'avi',
      durationS: 2,
      video: { width: 320, height: 240, codec: 'h264', fps: 25 },
      audio: { codec: 'mp3' },
    })
  })

  it.each([
    ['XVID', 'mpeg4'],
    ['MJPG', 'mjpeg'],
    ['WHAT', null],
  ])('names the codec of %s', (fourCc, codec) => {
    expect(readAviTracks(avi({ fourCc }))?.video?.codec).toBe(codec)
  })

  it.each([
    [1, 'pcm'],
    [0xff, 'aac'],
    [0x9999, null],
  ])('names the codec of audio format %i', (audioTag, codec) => {
    expect(readAviTracks(avi({ audioTag }))?.audio?.codec).toBe(codec)
  })

  it('may have but one kind of track', () => {
    expect(readAviTracks(avi({ hasAudio: false }))).toMatchObject({ audio: null, durationS: 2 })
    expect(readAviTracks(avi({ hasVideo: false }))).toMatchObject({ video: null, durationS: 2 })
  })

  it('may have no duration', () => {
    expect(readAviTracks(avi({ frames: 0 }))).toMatchObject({ durationS: null })
  })

  it('gives a result, or none, wherever it ends', () => {
    const file = avi()
    expect(readAviTracks(Buffer.alloc(0))).toBeNull()
    for (let end = 0; end < file.length; end += 1) readAviTracks(file.subarray(0, end))
  })
})
