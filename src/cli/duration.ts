const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** How a duration is written, for those who wrote it otherwise. */
export const durationWords = 'seconds, minutes, hours or days, such as 90s, 45m, 12h or 30d'

/** The time that lies so far ahead, as RFC 3339 has it: `30d` → in thirty days. Null for what is no duration. */
export const toTimeAhead = (duration: string, nowMs: number): string | null => {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(duration) ?? []
  const unitMs = unitsMs[unit]
  return unitMs === undefined ? null : new Date(nowMs + Number(count) * unitMs).toISOString()
}
