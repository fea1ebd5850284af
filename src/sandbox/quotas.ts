import type { Change, World } from './world.ts'

/** When anonymous tokens were given out, to one client id or to one address; kept under `client:…` or `ip:…`. */
export interface TokenQuota {
  readonly issuedAtMs: readonly number[]
}

interface Limit {
  readonly key: string
  readonly max: number
  readonly windowMs: number
}

const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs

/** Today's limits: one token per client id and ten per address in seven days. */
export const weeklyLimits = (clientId: string, ip: string): readonly Limit[] => [
  { key: `client:${clientId}`, max: 1, windowMs: weekMs },
  { key: `ip:${ip}`, max: 10, windowMs: weekMs },
]

/** The limit of the first published version: five per address and hour. */
export const hourlyLimits = (ip: string): readonly Limit[] => [{ key: `ip:${ip}`, max: 5, windowMs: hourMs }]

/** The rows that take one token from each quota, or null where one is used up. */
export const takeFromQuotas = (
  world: World,
  limits: readonly Limit[],
  nowMs: number,
): readonly Change[] | null => {
  const changes: Change[] = []
  for (const { key, max, windowMs } of limits) {
    const all = world.find('quotas', key)?.issuedAtMs ?? []
    const recent = all.filter((atMs) => atMs > nowMs - windowMs)
    if (recent.length >= max) return null
    changes.push(['quotas', key, { issuedAtMs: [...all.filter((atMs) => atMs > nowMs - weekMs), nowMs] }])
  }
  return changes
}
