import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * The durable log under the sandbox's state: one JSON line per entry, an entry is there as a whole or not at all.
 * Appending is immediate; while one write is under way the next entries gather and share its successor's fsync.
 */
export interface Journal<Entry> {
  append(entry: Entry): void
  /** Resolves when all that was appended so far is on disk; rejects for ever once the disk has refused a write. */
  settled(): Promise<void>
  close(): Promise<void>
}

interface JournalOptions<Entry> {
  readonly directory: string
  /** Is given every entry found on disk, oldest first. */
  readonly replay: (entry: Entry) => void
  /** Runs after the replay and before the replayed file may disappear. */
  readonly replayed: () => Promise<void>
  /** The entries that rebuild the replayed state: they take the place of its history. */
  readonly compacted: () => Iterable<Entry>
  /** Is given each group of entries once it is on disk, before `settled` resolves. */
  readonly durable: (entries: readonly Entry[]) => Promise<void>
}

const fileName = (generation: number): string => `journal-${String(generation).padStart(8, '0')}.jsonl`
const fileNamePattern = /^journal-(\d{8,})\.jsonl$/

/** Replays what is on disk, then goes on in a new file that begins with the compacted state. */
export const openJournal = async <Entry>(options: JournalOptions<Entry>): Promise<Journal<Entry>> => {
  await mkdir(options.directory, { recursive: true })
  const generations = await listGenerations(options.directory)
  const newest = generations.at(-1)
  if (newest !== undefined) await replayFile(join(options.directory, fileName(newest)), options.replay)
  await options.replayed()
  const file = await writeCompacted(options.directory, (newest ?? 0) + 1, options.compacted())
  for (const generation of generations) await unlink(join(options.directory, fileName(generation)))
  return createWriter(file, options.durable)
}

const listGenerations = async (directory: string): Promise<number[]> =>
  (await readdir(directory))
    .flatMap((name) => fileNamePattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)

/** A process that was killed may leave half a line at the end: it was never acknowledged, so it is left out. */
const replayFile = async <Entry>(path: string, replay: (entry: Entry) => void): Promise<void> => {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  let tornLine: string | null = null
  for await (const line of lines) {
    if (tornLine !== null) throw new Error(`${path} is damaged: a line in its middle is not JSON`)
    const entry = parseLine<Entry>(line)
    if (entry === null) tornLine = line
    else replay(entry)
  }
}

const parseLine = <Entry>(line: string): Entry | null => {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return null
  }
}

/** The new file gets its name only when it is complete, so a crash here leaves the old one in charge. */
const writeCompacted = async <Entry>(
  directory: string,
  generation: number,
  entries: Iterable<Entry>,
): Promise<FileHandle> => {
  const finalPath = join(directory, fileName(generation))
  const file = await open(`${finalPath}.partial`, 'w')
  let chunk = ''
  for (const entry of entries) {
    chunk += `${JSON.stringify(entry)}\n`
    if (chunk.length > 1 << 20) {
      await file.writeFile(chunk)
      chunk = ''
    }
  }
  await file.writeFile(chunk)
  await file.datasync()
  await rename(`${finalPath}.partial`, finalPath)
  await syncDirectory(directory)
  return file
}

const syncDirectory = async (directory: string): Promise<void> => {
  const folder = await open(directory, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const createWriter = <Entry>(
  file: FileHandle,
  durable: (entries: readonly Entry[]) => Promise<void>,
): Journal<Entry> => {
  let gathered: Entry[] = []
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  let refusal: { readonly cause: unknown } | null = null

  const writeGathered = async (previous: Promise<void>): Promise<void> => {
    await previous
    const entries = gathered
    gathered = []
    current = next ?? previous
    next = null
    if (refusal !== null) return
    try {
      await file.writeFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
      await file.datasync()
      await durable(entries)
    } catch (cause) {
      refusal = { cause }
    }
  }

  const settled = async (): Promise<void> => {
    await (next ?? current)
    if (refusal !== null) throw new Error('the sandbox could not write its journal', refusal)
  }

  return {
    append: (entry) => {
      gathered.push(entry)
      next ??= writeGathered(current)
    },
    settled,
    close: async () => {
      await (next ?? current)
      await file.close()
    },
  }
}
