/** Red, green and blue, 0 to 255 each (fractions allowed). */
export type Color = readonly [number, number, number]

const white: Color = [255, 255, 255]
const black: Color = [0, 0, 0]

/** Reads `#rgb` or `#rrggbb`; null when it is something else. */
export function findColor(text: string): Color | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text.trim())
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(text.trim())
  const found = long ?? short
  if (!found) return null
  const channel = (index: number) => {
    const digits = found[index] ?? '0'
    return Number.parseInt(digits.length === 1 ? digits + digits : digits, 16)
  }
  return [channel(1), channel(2), channel(3)]
}

/** `#rrggbb` written in our own source. */
export function hex(text: string): Color {
  const color = findColor(text)
  if (!color) throw new Error(`not a color: ${text}`)
  return color
}

/** `amount` 0 is `from`, 1 is `to`. */
export function mix(from: Color, to: Color, amount: number): Color {
  const t = Math.min(1, Math.max(0, amount))
  return [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t, from[2] + (to[2] - from[2]) * t]
}

export const lighten = (color: Color, amount: number) => mix(color, white, amount)
export const darken = (color: Color, amount: number) => mix(color, black, amount)

/** From 0 (black) to 1 (white), as the eye weighs it. */
export function luminance(color: Color): number {
  return (0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]) / 255
}

/** Toward gray of the same luminance. */
export function desaturate(color: Color, amount: number): Color {
  const gray = luminance(color) * 255
  return mix(color, [gray, gray, gray], amount)
}

export function css(color: Color, alpha = 1): string {
  const [red, green, blue] = color
  return `rgba(${Math.round(red)},${Math.round(green)},${Math.round(blue)},${alpha.toFixed(3)})`
}
