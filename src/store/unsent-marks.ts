/**
 * A mark lies beside a permit from before it is opened until its message leaves. Whoever takes it away, which one alone
 * can, decides what becomes of the permit: its holder, that the message leaves now; anybody else, that it never will. So
 * a process that dies, or stands still, between its permit and its first byte leaves proof that nothing was sent, for
 * every process that sees the same folder.
 *
 * Taking away a file is the only thing asked of the file system. What it does not remember across a failure of the
 * machine does not matter: marks belong to the boot in which they were put.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'

export interface UnsentMarks {
  /** False when there is no mark now; nobody can take one that is not there. */
  put(permitId: string): boolean
  /** True for one caller at most. */
  take(permitId: string): boolean
}

/** Where nothing outlives a process that could tell: a message of unknown fate stays one. */
export const noUnsentMarks: UnsentMarks = { put: () => false, take: () => false }

const bootIdFile = '/proc/sys/kernel/random/boot_id'
/** Nobody comes back to a permit after that time. */
const keptMs = 24 * 3_600_000

/** The marks under `<dataDir>/unsent`, those of the last days removed. Without a known boot, or a folder, there are none. */
export const openUnsentMarks = (dataDir: string, nowMs: number): UnsentMarks => {
  const bootId = quietly(() => readFileSync(bootIdFile, 'utf8').trim())
  const folder = join(dataDir, 'unsent', String(bootId))
  if (bootId === null || !succeeds(() => mkdirSync(folder, { recursive: true, mode: 0o700 })))
    return noUnsentMarks
  removeOld(join(dataDir, 'unsent'), nowMs, (name) => name !== bootId)
  removeOld(folder, nowMs, () => true)
  return {
    put: (permitId) => succeeds(() => closeSync(openSync(join(folder, permitId), 'wx', 0o600))),
    take: (permitId) => succeeds(() => unlinkSync(join(folder, permitId))),
  }
}

const removeOld = (folder: string, nowMs: number, mayGo: (name: string) => boolean): void => {
  for (const name of quietly(() => readdirSync(folder)) ?? []) {
    const path = join(folder, name)
    if (mayGo(name))
      quietly(() => nowMs - statSync(path).mtimeMs > keptMs && rmSync(path, { recursive: true, force: true }))
  }
}

const succeeds = (act: () => unknown): boolean =>
  quietly(() => {
    act()
    return true
  }) ?? false

/** Null when the file system said no, whatever its reason: what cannot be proven counts as not proven. */
const quietly = <T>(act: () => T): T | null => {
  try {
    return act()
  } catch {
    return null
  }
}
