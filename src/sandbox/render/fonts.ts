import type { GlobalFonts as GlobalFontsType } from '@napi-rs/canvas'
import { findFontFile } from './libraries.ts'
import type { CreateBitmap } from './scene/view.ts'

const textFamily = 'Clipline Text'
const displayFamily = 'Clipline Display'

/** Makes the DejaVu faces known to the drawing library under our own names; call it before drawing text. */
export function registerFonts(fonts: typeof GlobalFontsType): void {
  const faces = [
    [textFamily, 'DejaVuSans.ttf'],
    [displayFamily, 'DejaVuSansCondensed-Bold.ttf'],
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

/** A private-use character: no font has it, so it is drawn as the box that stands for a missing character. */
const missingCharacter = '\uE000'
const alwaysDrawable = /^[\u0020-\u024f\u2010-\u2026]$/

const drawnBefore = new Map<string, boolean>()

/**
 * `text` without the characters that no font here can draw (Chinese on a machine without Chinese fonts), so that a title
 * never shows a row of boxes. Empty when nothing readable is left.
 */
export function drawableText(text: string, createBitmap: CreateBitmap): string {
  const kept = [...text.replace(/\s+/g, ' ')].filter((character) => canDraw(character, createBitmap)).join('')
  const readable = kept.replace(/\s+/g, ' ').trim()
  return /[\p{L}\p{N}]/u.test(readable) ? readable : ''
}

function canDraw(character: string, createBitmap: CreateBitmap): boolean {
  if (alwaysDrawable.test(character)) return true
  const known = drawnBefore.get(character)
  if (known !== undefined) return known
  const isDrawable = glyph(character, createBitmap) !== glyph(missingCharacter, createBitmap)
  drawnBefore.set(character, isDrawable)
  return isDrawable
}

function glyph(character: string, createBitmap: CreateBitmap): string {
  const bitmap = createBitmap(32, 32)
  const pen = bitmap.getContext('2d')
  pen.font = displayFont(20)
  pen.textBaseline = 'middle'
  pen.fillText(character, 4, 16)
  return Buffer.from(pen.getImageData(0, 0, 32, 32).data).toString('latin1')
}
