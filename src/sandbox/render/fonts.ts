import type { GlobalFonts as GlobalFontsType } from '@napi-rs/canvas'
import { findFontFile } from './libraries.ts'

const textFamily = 'Clipline Text'
const displayFamily = 'Clipline Display'

/** Makes the DejaVu faces known to the drawing library under our own names; call it before drawing text. */
export function registerFonts(fonts: typeof GlobalFontsType): void {
  const faces = [
    [textFamily, 'DejaVuSans.ttf'],
    [displayFamily, 'DejaVuSans-Bold.ttf'],
  ] as const
  for (const [family, fileName] of faces) {
    const path = findFontFile(fileName)
    if (path !== null && !fonts.has(family)) fonts.registerFromPath(path, family)
  }
}

/** CSS font of a given size in pixels; falls back to what the machine has. */
export const textFont = (sizePx: number) =>
  `${sizePx.toFixed(1)}px "${textFamily}", "DejaVu Sans", sans-serif`
export const displayFont = (sizePx: number) =>
  `bold ${sizePx.toFixed(1)}px "${displayFamily}", "DejaVu Sans", sans-serif`
