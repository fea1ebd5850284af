import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeStillMovie } from '../fixture/still-movie.ts'
import { drawStillPicture } from '../fixture/still-picture.ts'
import type { Draft } from '../render/draft.ts'
import type { Movie, MovieRenderer } from './movie-renderer.ts'

const directoryName = 'fixtures'
const shortSide = 96
const longestSide = 480
const color = { luma: 90, blueChroma: 170, redChroma: 80 } as const

/** Renders nothing: one small still movie for each aspect ratio and length, written once. For load tests. */
export const createFixtureRenderer = (directory: string): MovieRenderer => {
  const movies = new Map<string, Promise<Movie>>()
  return {
    render: ({ draft }) => {
      const size = sizeOf(draft)
      const durationMs = Math.min(600_000, Math.max(100, Math.round(draft.d ?? 0)))
      const name = `${size.width}x${size.height}-${durationMs}.mp4`
      const known = movies.get(name)
      if (known !== undefined) return known
      const movie = writeFixture(directory, name, size, durationMs)
      movies.set(name, movie)
      return movie
    },
    close: async () => undefined,
  }
}

/** The draft's ratio at 96 pixels on the short side, both sides even. */
const sizeOf = ({ m }: Draft): { readonly width: number; readonly height: number } => {
  const width = m?.width ?? 0
  const height = m?.height ?? 0
  const ratio = width > 0 && height > 0 ? width / height : 16 / 9
  const long = Math.min(longestSide, 2 * Math.round((shortSide * Math.max(ratio, 1 / ratio)) / 2))
  return ratio >= 1 ? { width: long, height: shortSide } : { width: shortSide, height: long }
}

const writeFixture = async (
  directory: string,
  name: string,
  size: { readonly width: number; readonly height: number },
  durationMs: number,
): Promise<Movie> => {
  const bytes = writeStillMovie(drawStillPicture(size.width, size.height, color), durationMs)
  const path = join(directory, directoryName, name)
  await mkdir(join(directory, directoryName), { recursive: true })
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
  return {
    file: join(directoryName, name),
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    durationMs,
    ...size,
  }
}
