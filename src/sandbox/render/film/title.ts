import { type Color, css, findColor, hex, luminance } from '../color.ts'
import type { TextCue } from '../draft-timeline.ts'
import { displayFont, drawableText } from '../fonts.ts'
import type { Bitmap, CreateBitmap, Pen } from '../scene/view.ts'

export interface TitleOptions {
  readonly cue: TextCue
  readonly width: number
  readonly height: number
  readonly createBitmap: CreateBitmap
}

/** Draws a text over the picture at a time of the clip. */
export type TitlePainter = (pen: Pen, timeS: number) => void

const widestShare = 0.84
const mostLines = 4

/**
 * A title in bold capitals' weight with a soft scrim and shadow under it, so that it reads over any picture; it rises a
 * little while it fades in. Characters that no installed font has are left out; with none left, nothing is drawn.
 */
export function createTitle(options: TitleOptions): TitlePainter {
  const { cue, width, height } = options
  const text = drawableText(cue.text, options.createBitmap)
  if (text === '') return () => undefined
  const bitmap = drawTitle(options, text)
  const place = placeOf(cue.position, { width, height, textWidth: bitmap.width, textHeight: bitmap.height })
  return (pen, timeS) => {
    const alpha = visibility(cue, timeS)
    if (alpha <= 0) return
    pen.globalAlpha = alpha
    const rise = (1 - Math.min(1, (timeS - cue.startS) / Math.max(0.01, cue.fadeInS))) * height * 0.012
    pen.drawImage(bitmap, place.x, place.y + rise * rise * 0.12)
    pen.globalAlpha = 1
  }
}

function visibility(cue: TextCue, timeS: number): number {
  if (timeS < cue.startS || timeS > cue.endS) return 0
  const rise = cue.fadeInS > 0 ? Math.min(1, (timeS - cue.startS) / cue.fadeInS) : 1
  const fall = cue.fadeOutS > 0 ? Math.min(1, (cue.endS - timeS) / cue.fadeOutS) : 1
  const both = Math.max(0, Math.min(rise, fall))
  return both * both * (3 - 2 * both)
}

interface Layout {
  readonly lines: readonly string[]
  readonly sizePx: number
  readonly widthPx: number
}

function drawTitle(options: TitleOptions, text: string): Bitmap {
  const { width, height, cue } = options
  const layout = layOut(options.createBitmap(8, 8).getContext('2d'), text, { width, height, cue })
  const lineHeight = layout.sizePx * 1.2
  const margin = layout.sizePx * 1.5
  const bitmap = options.createBitmap(
    layout.widthPx + margin * 2,
    layout.lines.length * lineHeight + margin * 2,
  )
  const pen = bitmap.getContext('2d')
  const color = (cue.color === null ? null : findColor(cue.color)) ?? hex('#ffffff')
  paintScrim(pen, bitmap, color)
  pen.font = displayFont(layout.sizePx)
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.letterSpacing = `${(layout.sizePx * 0.01).toFixed(2)}px`
  pen.shadowColor = luminance(color) > 0.4 ? 'rgba(0,0,0,0.75)' : 'rgba(255,255,255,0.6)'
  pen.shadowBlur = layout.sizePx * 0.22
  pen.shadowOffsetY = layout.sizePx * 0.05
  pen.fillStyle = css(color)
  layout.lines.forEach((line, index) => {
    pen.fillText(line, bitmap.width / 2, margin + lineHeight * (index + 0.5))
  })
  return bitmap
}

/** A soft patch of the opposite tone behind the words. */
function paintScrim(pen: Pen, bitmap: Bitmap, color: Color): void {
  const tone = luminance(color) > 0.4 ? '8,8,20' : '255,255,255'
  pen.save()
  pen.translate(bitmap.width / 2, bitmap.height / 2)
  pen.scale(1, bitmap.height / bitmap.width)
  const gradient = pen.createRadialGradient(0, 0, 0, 0, 0, bitmap.width / 2)
  gradient.addColorStop(0, `rgba(${tone},0.26)`)
  gradient.addColorStop(0.5, `rgba(${tone},0.15)`)
  gradient.addColorStop(1, `rgba(${tone},0)`)
  pen.fillStyle = gradient
  pen.fillRect(-bitmap.width / 2, -bitmap.width / 2, bitmap.width, bitmap.width)
  pen.restore()
}

/** The largest size at which the words fit the width in a few lines. */
function layOut(pen: Pen, text: string, box: Pick<TitleOptions, 'width' | 'height' | 'cue'>): Layout {
  const { width, height, cue } = box
  const short = Math.min(width, height)
  const largest = short * (cue.role === 'subtitle' ? 0.046 : 0.088) * cue.size
  for (let sizePx = largest; ; sizePx *= 0.92) {
    pen.font = displayFont(sizePx)
    const lines = wrap(pen, text, width * widestShare)
    const widthPx = Math.max(...lines.map((line) => pen.measureText(line).width)) * 1.03
    const fits =
      lines.length <= (sizePx > largest * 0.6 ? 2 : mostLines) && widthPx <= width * widestShare * 1.03
    if (fits || sizePx < short * 0.02) return { lines: lines.slice(0, mostLines * 2), sizePx, widthPx }
  }
}

/** As few lines as fit, then broken where they come out about equally long. */
function wrap(pen: Pen, text: string, widestPx: number): string[] {
  const full = breakLines(pen, text, widestPx)
  for (let share = 1 / full.length; share < 1; share += 0.04) {
    const balanced = breakLines(pen, text, pen.measureText(text).width * share)
    const isWithin = balanced.every((line) => pen.measureText(line).width <= widestPx)
    if (balanced.length <= full.length && isWithin) return balanced
  }
  return full
}

function breakLines(pen: Pen, text: string, widestPx: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of splitWords(text)) {
    const longer = line === '' ? word : `${line}${needsSpace(line, word) ? ' ' : ''}${word}`
    if (line !== '' && pen.measureText(longer).width > widestPx) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return line === '' ? lines : [...lines, line]
}

const cjk = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/

/** Words; in scripts without spaces, characters. */
function splitWords(text: string): string[] {
  return text
    .split(/\s+/)
    .flatMap((word) => (cjk.test(word) ? [...word] : [word]))
    .filter(Boolean)
}

const needsSpace = (line: string, word: string) => !(cjk.test(line.slice(-1)) && cjk.test(word.slice(0, 1)))

interface Place {
  readonly x: number
  readonly y: number
}

/** `top-left` … `bottom-right`; anything else is the middle. */
function placeOf(
  position: string,
  box: {
    readonly width: number
    readonly height: number
    readonly textWidth: number
    readonly textHeight: number
  },
): Place {
  const edge = Math.min(box.width, box.height) * 0.035
  const x = position.includes('left')
    ? edge - box.textHeight * 0.12
    : position.includes('right')
      ? box.width - box.textWidth - edge + box.textHeight * 0.12
      : (box.width - box.textWidth) / 2
  const y = position.includes('top')
    ? Math.max(edge, box.height * 0.075)
    : position.includes('bottom')
      ? box.height * 0.9 - box.textHeight
      : (box.height - box.textHeight) / 2
  return { x, y }
}
