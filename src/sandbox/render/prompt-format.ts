import type { AspectRatio } from './clip-plan.ts'

/** What a prompt says about the file rather than the picture. */
export interface PromptFormat {
  readonly durationMs: number
  readonly ratio: AspectRatio
  readonly width: number
  readonly height: number
}

const defaultDurationS = 5
const shortestS = 1
const longestS = 30

/**
 * Reads length, aspect ratio and resolution. A closing sentence such as "Output: 9:16 aspect ratio, 1080p, 5 seconds."
 * is what the caller asked for and wins over the prose before it.
 */
export function readFormat(prompt: string): PromptFormat {
  const { prose, output } = splitOutput(prompt)
  const durationS = findDuration(output) ?? findDuration(prose) ?? defaultDurationS
  const ratio = findRatio(output) ?? findRatio(prose) ?? '16:9'
  const shortSide = findShortSide(output) ?? findShortSide(prose) ?? 1080
  return {
    durationMs: Math.round(Math.min(longestS, Math.max(shortestS, durationS)) * 1000),
    ratio,
    ...canvasOf(ratio, shortSide),
  }
}

/** The prompt without its "Output: …" sentence, and that sentence. */
export function splitOutput(prompt: string): { readonly prose: string; readonly output: string } {
  const found = /(?:^|[\s.。;；!！?？])((?:output|format|输出)\s*[:：][^\n]*)$/i.exec(prompt.trim())
  if (!found?.[1]) return { prose: prompt, output: '' }
  return { prose: prompt.trim().slice(0, -found[1].length), output: found[1] }
}

/** The largest even canvas of that ratio whose sides stay within `shortSide` and 16:9 of it. */
export function canvasOf(
  ratio: AspectRatio,
  shortSide: number,
): { readonly width: number; readonly height: number } {
  const [across, down] = ratio.split(':').map(Number) as [number, number]
  const longSide = (shortSide * 16) / 9
  const isWide = across >= down
  const share = Math.max(across, down) / Math.min(across, down)
  const short = Math.min(shortSide, longSide / share)
  const long = even(short * share)
  return isWide ? { width: long, height: even(short) } : { width: even(short), height: long }
}

const even = (pixels: number) => Math.floor(pixels / 2) * 2

const digitWords: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
}
const chineseDigits = '一二三四五六七八九'

/** Everything that states a length; also what the title leaves out. */
export const durationPattern = new RegExp(
  [
    String.raw`(?<![\d.])(?<seconds>\d{1,3}(?:\.\d+)?)\s*-?\s*(?:seconds?|secs?)\b`,
    // "30s" but not "the 80s" or "1990s".
    String.raw`(?<![\d.])(?<!the\s)(?<short>[1-3]?\d(?:\.\d+)?)\s?s\b`,
    String.raw`\b(?<word>${Object.keys(digitWords).join('|')})[\s-]seconds?\b`,
    String.raw`(?<chinese>\d{1,3}(?:\.\d+)?|[一二三四五六七八九十]{1,3})\s*秒钟?`,
    String.raw`\b(?<minutes>\d{1,2}|one|a|half a)[\s-]minutes?\b`,
  ].join('|'),
  'i',
)

function findDuration(text: string): number | null {
  const groups = durationPattern.exec(text)?.groups
  if (!groups) return null
  const digits = groups['seconds'] ?? groups['short']
  if (digits !== undefined) return Number(digits)
  if (groups['word'] !== undefined) return digitWords[groups['word'].toLowerCase()] ?? null
  if (groups['chinese'] !== undefined) return readChineseNumber(groups['chinese'])
  if (groups['minutes'] !== undefined) return /half/i.test(groups['minutes']) ? 30 : 60
  return null
}

/** 五 → 5, 十 → 10, 十五 → 15, 二十 → 20, 二十五 → 25, and plain digits. */
function readChineseNumber(text: string): number {
  if (/^\d/.test(text)) return Number(text)
  const [tens, ones] = text.includes('十') ? text.split('十') : [null, text]
  const digit = (character: string | undefined) => (character ? chineseDigits.indexOf(character) + 1 : 0)
  return (tens === null ? 0 : Math.max(1, digit(tens)) * 10) + digit(ones)
}

/** Everything that states a shape, in the order in which it is believed. */
export const ratioPatterns: readonly (readonly [RegExp, AspectRatio])[] = [
  [/(?<!\d)16\s*[:：×x/]\s*9(?!\d)/i, '16:9'],
  [/(?<!\d)9\s*[:：×x/]\s*16(?!\d)/i, '9:16'],
  [/(?<!\d)1\s*[:：]\s*1(?!\d)/i, '1:1'],
  [/(?<!\d)4\s*[:：]\s*5(?!\d)/i, '4:5'],
  [/(?<!\d)5\s*[:：]\s*4(?!\d)/i, '5:4'],
  [/(?<!\d)4\s*[:：]\s*3(?!\d)/i, '4:3'],
  [/(?<!\d)3\s*[:：]\s*4(?!\d)/i, '3:4'],
  [/(?<!\d)21\s*[:：]\s*9(?!\d)|\bultra-?wide\b|\bcinemascope\b/i, '21:9'],
  [/\b1080\s*[x×]\s*1920\b|\b720\s*[x×]\s*1280\b/i, '9:16'],
  [/\b1080\s*[x×]\s*1080\b/i, '1:1'],
  [/\bvertical(?:ly)?\b|\bportrait\b(?!\s+of)|\btiktok\b|\breels?\b|\bshorts\b|竖屏|竖版|竖向/i, '9:16'],
  [/(?<!\b(?:town|city|market|times|public|red|central|main)\s)\bsquare\b|方形|方屏/i, '1:1'],
  [
    /\bwidescreen\b|\bhorizontal(?:ly)?\b|\blandscape (?:format|mode|orientation|video)\b|横屏|横版|横向/i,
    '16:9',
  ],
]

function findRatio(text: string): AspectRatio | null {
  return ratioPatterns.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

/** Everything that states a resolution. */
export const resolutionPattern =
  /\b(?<lines>480|540|720|1080|1440|2160)p\b|\b(?<named>4k|2k|uhd|qhd|full[\s-]?hd|fhd|hd)\b|\b\d{3,4}\s*[x×]\s*\d{3,4}\b/i

/** 720 or 1080: more than 1080 is not offered, as with the real provider. */
function findShortSide(text: string): number | null {
  const found = resolutionPattern.exec(text)
  if (!found) return null
  const lines = Number(found.groups?.['lines'] ?? 1080)
  if (found.groups?.['named']?.toLowerCase() === 'hd') return 720
  return lines <= 540 ? lines : lines <= 720 ? 720 : 1080
}
