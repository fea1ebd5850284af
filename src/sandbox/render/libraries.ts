import { createRequire } from 'node:module'
import type * as CanvasLibrary from '@napi-rs/canvas'
import type * as AvLibrary from 'node-av'

export type Av = typeof AvLibrary

const require = createRequire(import.meta.url)

/** Draws the frames. Loaded on first use: it is native and optional. */
export async function loadCanvasLibrary(): Promise<typeof CanvasLibrary> {
  return import('@napi-rs/canvas').catch((cause: unknown) => {
    throw missing('@napi-rs/canvas', cause)
  })
}

/** Encodes, decodes and muxes. Loaded on first use: it is native, optional, and wants Node 24. */
export async function loadAvLibrary(): Promise<Av> {
  const library = await import('node-av').catch((cause: unknown) => {
    throw missing('node-av', cause)
  })
  library.Log.setLevel(library.AV_LOG_FATAL)
  return library
}

/** Absolute path of a font of the DejaVu family, or null when the optional package is not installed. */
export function findFontFile(fileName: string): string | null {
  try {
    return require.resolve(`dejavu-fonts-ttf/ttf/${fileName}`)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

function missing(name: string, cause: unknown): Error {
  return new Error(
    `The sandbox cannot render: the optional package "${name}" is not installed or does not run on this machine ` +
      `(Node ${process.versions.node}, ${process.platform}-${process.arch}). Run "npm install" with Node 24, without --omit=optional.`,
    { cause },
  )
}
