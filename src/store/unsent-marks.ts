/**
 * A mark lies beside a permit from before it is opened until its message leaves. One caller alone can take it away, or
 * turn it into word that the message was given up: its sender takes it right before the first byte, anybody else gives the
 * message up. So a process that dies, or stands still, between its permit and its first byte leaves proof that nothing was
 * sent, for every process that sees the same folder.
 *
 * A mark is an empty file, and all that is asked of the file system is that of two who unlink or rename it one succeeds,
 * for as long as the machine is up: marks belong to the boot in which they were put. Only file systems of the machine
 * itself are trusted with that.
 */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'

export interface UnsentMarks {
  /** False when there is no mark now, and so nobody can give the message up. */
  put(permitId: string): boolean
  /** The message leaves now: true once, unless it was given up. */
  take(permitId: string): boolean
  /** True when the message was not sent and will not be: given up now, or before by somebody who could not record it. */
  giveUp(permitId: string): boolean
  /** What became of the message is recorded. */
  forget(permitId: string): void
  /** Removes what nobody comes back to. */
  sweep(nowMs: number): void
}

/** Where nothing outlives a process that could tell: a message of unknown fate stays one. */
export const noUnsentMarks: UnsentMarks = {
  put: () => false,
  take: () => false,
  giveUp: () => false,
  forget: () => undefined,
  sweep: () => undefined,
}

/** Of statfs(2): ext, xfs, btrfs, tmpfs, overlay, zfs, f2fs, bcachefs. */
const localFileSystems = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
])
const keptMs = 24 * 3_600_000

/** The marks under `<dataDir>/unsent`, or why there can be none. */
export const openUnsentMarks = (
  dataDir: string,
): { readonly marks: UnsentMarks; readonly whyNot: string | null } => {
  try {
    mkdirSync(dataDir, { recursive: true })
    const { type } = statfsSync(dataDir)
    if (!localFileSystems.has(type))
      return { marks: noUnsentMarks, whyNot: `a file system of type 0x${type.toString(16)} is not trusted` }
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const all = join(dataDir, 'unsent')
    const folder = join(all, bootId)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const boot of readdirSync(all))
      if (boot !== bootId) rmSync(join(all, boot), { recursive: true, force: true })
    const probe = join(folder, `probe-${randomUUID()}`)
    create(probe)
    unlinkSync(probe)
    return { marks: marksIn(folder), whyNot: null }
  } catch (error) {
    return { marks: noUnsentMarks, whyNot: error instanceof Error ? error.message : String(error) }
  }
}

const marksIn = (folder: string): UnsentMarks => {
  const pathOf = (permitId: string): string => join(folder, permitId)
  const givenUpPathOf = (permitId: string): string => join(folder, `${permitId}.given-up`)
  return {
    put(permitId) {
      if (errorOf(() => create(pathOf(permitId))) === null) return true
      // Where it may be there all the same it must not be taken for missing.
      errorOf(() => unlinkSync(pathOf(permitId)))
      return !absent.has(errorOf(() => statSync(pathOf(permitId))))
    },
    take: (permitId) => errorOf(() => unlinkSync(pathOf(permitId))) === null,
    giveUp: (permitId) =>
      errorOf(() => renameSync(pathOf(permitId), givenUpPathOf(permitId))) === null ||
      errorOf(() => statSync(givenUpPathOf(permitId))) === null,
    forget(permitId) {
      errorOf(() => unlinkSync(pathOf(permitId)))
      errorOf(() => unlinkSync(givenUpPathOf(permitId)))
    },
    sweep(nowMs) {
      errorOf(() => {
        for (const name of readdirSync(folder))
          errorOf(() => {
            if (nowMs - statSync(pathOf(name)).mtimeMs > keptMs) unlinkSync(pathOf(name))
          })
      })
    },
  }
}

const absent: ReadonlySet<string | null> = new Set(['ENOENT', 'ENOTDIR'])

const create = (path: string): void => closeSync(openSync(path, 'wx', 0o600))

/** The code of what was thrown, or null. */
const errorOf = (act: () => void): string | null => {
  try {
    act()
    return null
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  }
}
