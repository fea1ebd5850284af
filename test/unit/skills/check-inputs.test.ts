import { describe, expect, it } from 'vitest'
import { checkInputs, type InputFacts, skills } from '../../../src/skills/index.ts'

const jpeg: InputFacts = { kind: 'image', contentType: 'image/jpeg', sizeBytes: 1_000_000 }
const mp4: InputFacts = { kind: 'video', contentType: 'video/mp4', sizeBytes: 1_000_000 }
const unknownUrl: InputFacts = { kind: null, contentType: null, sizeBytes: null }

const imageToVideo = skills['image-to-video-higgsfield']
const textToVideo = skills['text-to-video-higgsfield']

describe('checking the inputs of a job', () => {
  it('lets through what the skill accepts', () => {
    expect(checkInputs(imageToVideo, [jpeg, jpeg])).toEqual([])
    expect(checkInputs(textToVideo, [])).toEqual([])
  })

  it('names the skill and everything it accepts for a type that it does not', () => {
    expect(checkInputs(imageToVideo, [jpeg, mp4])).toEqual([
      {
        index: 1,
        code: 'unsupported_media_type',
        detail:
          'video/mp4 is not accepted by image-to-video-higgsfield, which accepts jpg, jpeg, png, webp, heic and heif',
      },
    ])
  })

  it('refuses a type that the provider would take but the skill does not advertise', () => {
    const audio: InputFacts = { kind: 'audio', contentType: 'audio/mpeg', sizeBytes: 10 }
    expect(checkInputs(textToVideo, [audio]).map(({ code }) => code)).toEqual(['unsupported_media_type'])
  })

  it('refuses a content type that nothing knows', () => {
    const pdf: InputFacts = { kind: null, contentType: 'application/pdf', sizeBytes: 10 }
    expect(checkInputs(textToVideo, [pdf])).toMatchObject([{ index: 0, code: 'unsupported_media_type' }])
  })

  it('accepts a file of exactly the limit and refuses one byte more', () => {
    expect(checkInputs(imageToVideo, [{ ...jpeg, sizeBytes: 20_000_000 }])).toEqual([])
    expect(checkInputs(imageToVideo, [{ ...jpeg, sizeBytes: 20_000_001 }])).toEqual([
      {
        index: 0,
        code: 'media_too_large',
        detail: '20.01 MB is more than image-to-video-higgsfield accepts, which is 20 MB a file',
      },
    ])
  })

  it('names every fault at once', () => {
    const hugeVideo: InputFacts = { kind: 'video', contentType: 'video/webm', sizeBytes: 600_000_000 }
    const problems = checkInputs(imageToVideo, [hugeVideo, mp4])
    expect(problems.map(({ index, code }) => [index, code])).toEqual([
      [0, 'unsupported_media_type'],
      [0, 'media_too_large'],
      [1, 'unsupported_media_type'],
      [null, 'missing_input'],
    ])
  })

  it('asks for the image that image-to-video needs', () => {
    expect(checkInputs(imageToVideo, [])).toEqual([
      {
        index: null,
        code: 'missing_input',
        detail:
          'image-to-video-higgsfield needs at least 1 image among its inputs (jpg, jpeg, png, webp, heic and heif), and got 0',
      },
    ])
  })

  it('lets a URL that nobody has fetched count as the image, and does not judge it', () => {
    expect(checkInputs(imageToVideo, [unknownUrl])).toEqual([])
  })

  it('accepts HEIC for image-to-video and text for text-to-video', () => {
    const heic: InputFacts = { kind: 'image', contentType: 'image/heic', sizeBytes: 10 }
    const text: InputFacts = { kind: 'text', contentType: 'text/plain', sizeBytes: 10 }
    expect(checkInputs(imageToVideo, [heic])).toEqual([])
    expect(checkInputs(textToVideo, [text])).toEqual([])
    expect(checkInputs(imageToVideo, [jpeg, text])).toHaveLength(1)
    expect(checkInputs(textToVideo, [heic])).toHaveLength(1)
  })
})
