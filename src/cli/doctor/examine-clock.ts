import { bad, doubtful, type Finding, good, skipped } from './finding.ts'

/** Leases and schedules bear this much. */
const harmlessMs = 2_000
/** Half of what receivers allow a callback's time stamp to be off. */
const harmfulMs = 150_000

const advice = 'Let both machines keep their time by NTP (timedatectl set-ntp true, or chrony).'

/** Our clock beside those of the database and the provider; null where one could not be read. */
export const examineClock = (ahead: {
  readonly database: number | null
  readonly provider: number | null
}): Finding => {
  const known = Object.entries(ahead).flatMap(([name, ms]) => (ms === null ? [] : [{ name, ms }]))
  if (known.length === 0) return skipped('clock', 'not looked at: there is nothing to compare it with')
  const text = known.map(({ name, ms }) => `${inWords(ms)} the ${name}’s`).join(', ')
  // The provider tells whole seconds.
  const worstMs = Math.max(
    ...known.map(({ name, ms }) => Math.max(0, Math.abs(ms) - (name === 'provider' ? 1_000 : 0))),
  )
  if (worstMs > harmfulMs)
    return bad('clock', text, `${advice} As it is, receivers refuse callbacks as too old or too new.`)
  if (worstMs > harmlessMs) return doubtful('clock', text, advice)
  return good('clock', text)
}

/** `ms` is how far the other one is ahead of ours. */
const inWords = (ms: number): string => {
  const seconds = Math.abs(ms) / 1_000
  if (seconds < 1) return 'level with'
  return `${seconds.toFixed(0)} s ${ms > 0 ? 'behind' : 'ahead of'}`
}
