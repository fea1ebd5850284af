/** Figures and times as people read them. */

export const toBytes = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} kB`
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1_000_000_000).toFixed(2)} GB`
}

export const toDuration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`
  return minutes < 2_880
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1_440)} d`
}

/** How long ago, or how long until. */
export const toAge = (at: string, nowMs: number): string => {
  const ms = nowMs - Date.parse(at)
  const size = Math.abs(ms)
  if (size < 5_000) return 'now'
  const text = toSpan(size)
  return ms > 0 ? `${text} ago` : `in ${text}`
}

const toSpan = (ms: number): string => {
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  return ms < 172_800_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 86_400_000)} d`
}

export const toPercent = (part: number): string => `${Math.round(part * 100)} %`

export const toCount = (count: number): string => count.toLocaleString('en-US')

/** `render_failed` → `render failed`. */
export const toWords = (code: string): string => code.replaceAll('_', ' ')

/** The part of an id by which people tell it from others: the end, which is random. */
export const toShortId = (id: string): string => `…${id.slice(-8)}`

export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${toCount(count)} ${count === 1 ? noun : many}`
