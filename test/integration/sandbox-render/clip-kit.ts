import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCanvas } from '@napi-rs/canvas'
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny'
import { onTestFinished } from 'vitest'
import { planClip } from '../../../src/sandbox/render/clip-plan.ts'
import type { Draft, SegmentMeta } from '../../../src/sandbox/render/draft.ts'
import { createFootage } from '../../../src/sandbox/render/film/footage.ts'

/** A draft of one prompt with music and title, as the sandbox's agent lays it out. */
export function draftOf(
  prompt: string,
  change: { durationMs?: number; width?: number; height?: number } = {},
): Draft {
  const plan = { ...planClip(prompt), ...change }
  return {
    d: plan.durationMs,
    m: { title: plan.title, width: plan.width, height: plan.height },
    t: [
      { tt: 0, sg: [{ st: 0, d: plan.durationMs, m: { title: plan.title, scene: plan.scene } }] },
      {
        tt: 1,
        sg: [
          { st: 0, d: plan.durationMs, m: { title: 'Ambient', volume: 0.35, fade_in: 300, fade_out: 300 } },
        ],
      },
      { tt: 7, sg: [{ st: 0, d: 1000, m: { text: plan.title, position: 'top-center', fade_in: 200 } }] },
    ],
  }
}

/** A draft whose picture is a row of media files of one second each. */
export function draftOfMedia(shots: readonly SegmentMeta[], size: { width: number; height: number }): Draft {
  return {
    d: shots.length * 1000,
    m: { title: 'Media', ...size },
    t: [{ tt: 0, sg: shots.map((m, index) => ({ st: index * 1000, d: 1000, m })) }],
  }
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clipline-render-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export function openMovie(bytes: Buffer): Input {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(new Uint8Array(bytes)) })
  onTestFinished(() => input.dispose())
  return input
}

/** Names of the file's top-level boxes, in order. */
export function boxNames(bytes: Buffer): string[] {
  const names: string[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    names.push(bytes.toString('latin1', at + 4, at + 8))
    const size = bytes.readUInt32BE(at)
    at += size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size
  }
  return names
}

/** Reads colors of one decoded frame; `x` and `y` are fractions of the picture. */
export async function pictureAt(path: string, timeS: number, size: { width: number; height: number }) {
  const footage = await createFootage({
    path,
    ...size,
    createBitmap: (width, height) => createCanvas(width, height),
  })
  const canvas = createCanvas(size.width, size.height)
  const pen = canvas.getContext('2d')
  await footage.paint(pen, timeS)
  footage.close()
  return (x: number, y: number): readonly [number, number, number] => {
    const [red = 0, green = 0, blue = 0] = pen.getImageData(
      Math.floor(x * size.width),
      Math.floor(y * size.height),
      1,
      1,
    ).data
    return [red, green, blue]
  }
}

/** A JPEG, left half red and right half blue, that says it is to be turned a quarter clockwise to stand upright. */
export function turnedJpeg(): Buffer {
  const canvas = createCanvas(240, 120)
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#ff0000'
  pen.fillRect(0, 0, 120, 120)
  pen.fillStyle = '#0000ff'
  pen.fillRect(120, 0, 120, 120)
  const jpeg = canvas.toBuffer('image/jpeg', 95)
  const orientation = Buffer.from('4d4d002a00000008000101120003000000010006000000000000', 'hex')
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientation])
  const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2])
  return Buffer.concat([jpeg.subarray(0, 2), marker, exif, jpeg.subarray(2)])
}

/** A PNG of one color. */
export function plainPng(color: string): Buffer {
  const canvas = createCanvas(160, 90)
  const pen = canvas.getContext('2d')
  pen.fillStyle = color
  pen.fillRect(0, 0, 160, 90)
  return canvas.toBuffer('image/png')
}
