import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RenderMode, RenderOutput } from '../render/render-draft.ts'
import { createRenderPool } from '../render/render-pool.ts'
import type { MovieRenderer } from './movie-renderer.ts'

/** Draws and encodes for real, in child processes. */
export const createPooledRenderer = (
  directory: string,
  mode: RenderMode,
  concurrency: number,
): MovieRenderer => {
  const pool = createRenderPool({ concurrency })
  return {
    render: async ({ draft, output, file, media }) => {
      const outFile = join(directory, file)
      await mkdir(dirname(outFile), { recursive: true })
      return { ...(await pool.render({ draft, output: toOutput(output), media, outFile, mode })), file }
    },
    close: () => pool.close(),
  }
}

/** Of what a client wishes, the words that the renderer knows. */
const toOutput = ({ format, quality, resolution }: Readonly<Record<string, unknown>>): RenderOutput => ({
  ...(typeof format === 'string' && { format }),
  ...(typeof quality === 'string' && { quality }),
  ...(typeof resolution === 'string' && { resolution }),
})
