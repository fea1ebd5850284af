/** Finds files that no row names: left by processes that died between a file and its row, or a row and its file. */
import type { StoredKey } from '../store/retention.ts'
import { deleteFiles, type SweepAt, type SweepDeps } from './sweep-retention.ts'

/** A file may be there for a while before its row is. */
const orphanAgeMs = 24 * 3_600_000

export interface OrphanSweep {
  /** Looks at the next files; true once all of them were looked at, and the next step begins anew. */
  step(at: SweepAt): Promise<boolean>
}

const owners: readonly {
  readonly owner: StoredKey['owner']
  readonly shape: RegExp
}[] = [
  { owner: 'upload', shape: /^uploads\/(?<tenant>ten_[^/]+)\/(?<id>upl_[^/.]+)\.[a-z0-9]+$/ },
  { owner: 'artifact', shape: /^artifacts\/(?<tenant>ten_[^/]+)\/(?<id>art_[^/.]+)\.[a-z0-9]+$/ },
  { owner: 'resumable', shape: /^resumable\/(?<tenant>ten_[^/]+)\/(?<id>tus_[^/]+)\/[0-9a-f]{24}$/ },
  { owner: 'job', shape: /^inputs\/(?<id>job_[^/]+)\/[^/]+$/ },
  { owner: 'nobody', shape: /^checks\/(?<id>[0-9a-f]{32})$/ },
]

/** Whose file it would be; null for one that is none of ours. */
const ownerOf = (key: string): StoredKey | null => {
  for (const { owner, shape } of owners) {
    const groups = shape.exec(key)?.groups
    if (groups !== undefined)
      return { key, owner, ownerId: groups['id'] ?? '', tenantId: groups['tenant'] ?? null }
  }
  return null
}

type FileList = AsyncIterator<{ readonly key: string; readonly modifiedAtMs: number }>

const takeFiles = async (files: FileList, most: number) => {
  const taken: { readonly key: string; readonly modifiedAtMs: number }[] = []
  while (taken.length < most) {
    const next = await files.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

/** Goes through the whole storage, some files at a time, and then from the beginning again. */
export const createOrphanSweep = ({ retention, storage, telemetry }: SweepDeps): OrphanSweep => {
  let files: FileList | null = null

  const look = async (list: FileList, { now, most, signal }: SweepAt): Promise<boolean> => {
    const taken = await takeFiles(list, most)
    const old = taken.filter(({ modifiedAtMs }) => modifiedAtMs < now.getTime() - orphanAgeMs)
    const ours = old.map(({ key }) => ownerOf(key)).filter((key) => key !== null)
    const deleted = await deleteFiles(storage, await retention.findUnused(ours), signal)
    if (deleted > 0) telemetry.state('sweep.removed', { what: 'orphans', rows: 0, files: deleted })
    return taken.length < most
  }

  return {
    async step(at) {
      const list = files ?? storage.list('')[Symbol.asyncIterator]()
      // After a failure the next step begins anew.
      files = null
      const isDone = await look(list, at)
      if (isDone) await storage.sweep(orphanAgeMs)
      else files = list
      return isDone
    },
  }
}
