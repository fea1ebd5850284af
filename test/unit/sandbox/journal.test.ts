import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Journal, openJournal } from '../../../src/sandbox/journal.ts'

interface Entry {
  readonly n: number
}

const setup = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-journal-'))
  onTestFinished(() => rm(directory, { recursive: true }))

  const open = async (compacted: (replayed: readonly Entry[]) => Iterable<Entry> = (all) => all) => {
    const replayed: Entry[] = []
    const groups: (readonly Entry[])[] = []
    const journal: Journal<Entry> = await openJournal<Entry>({
      directory,
      replay: (entry) => replayed.push(entry),
      replayed: async () => undefined,
      compacted: () => compacted(replayed),
      durable: async (entries) => {
        groups.push(entries)
      },
    })
    return { journal, replayed, groups }
  }
  const newestFile = async () => join(directory, (await readdir(directory)).sort().at(-1) ?? '')
  return { directory, open, newestFile }
}

test('what was appended is replayed in order', async () => {
  const { open } = await setup()
  const first = await open()
  for (const n of [1, 2, 3]) first.journal.append({ n })
  await first.journal.close()
  const second = await open()
  expect(second.replayed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  await second.journal.close()
})

test('settled means on disk', async () => {
  const { open, newestFile } = await setup()
  const { journal } = await open()
  journal.append({ n: 7 })
  await journal.settled()
  expect(await readFile(await newestFile(), 'utf8')).toBe('{"n":7}\n')
  await journal.close()
})

test('entries that come while a write is under way share the next one', async () => {
  const { open } = await setup()
  const { journal, groups } = await open()
  journal.append({ n: 0 })
  const first = journal.settled()
  for (let n = 1; n <= 500; n++) journal.append({ n })
  await first
  for (let n = 501; n <= 1000; n++) journal.append({ n })
  await journal.settled()
  expect(groups.flat()).toHaveLength(1001)
  expect(groups.length).toBeLessThan(5)
  await journal.close()
})

test('half a line at the end is left out', async () => {
  const { open, newestFile } = await setup()
  const first = await open()
  first.journal.append({ n: 1 })
  await first.journal.close()
  await appendFile(await newestFile(), '{"n":')
  const second = await open()
  expect(second.replayed).toEqual([{ n: 1 }])
  await second.journal.close()
})

test('a damaged line in the middle is refused', async () => {
  const { open, newestFile } = await setup()
  const first = await open()
  first.journal.append({ n: 1 })
  await first.journal.close()
  await writeFile(await newestFile(), '{"n":\n{"n":2}\n')
  await expect(open()).rejects.toThrow('damaged')
})

test('every start leaves one file that begins with the compacted state', async () => {
  const { directory, open, newestFile } = await setup()
  const first = await open()
  for (const n of [1, 2, 3]) first.journal.append({ n })
  await first.journal.close()
  const second = await open((all) => all.slice(-1))
  second.journal.append({ n: 4 })
  await second.journal.close()
  expect(await readdir(directory)).toHaveLength(1)
  expect(await readFile(await newestFile(), 'utf8')).toBe('{"n":3}\n{"n":4}\n')
})

test('a compaction that was cut off does not count', async () => {
  const { directory, open } = await setup()
  const first = await open()
  first.journal.append({ n: 1 })
  await first.journal.close()
  await writeFile(join(directory, 'journal-00000009.jsonl.partial'), '{"n":99}\n')
  const second = await open()
  expect(second.replayed).toEqual([{ n: 1 }])
  await second.journal.close()
})

test('a disk that refuses a write is never said to have settled again', async () => {
  const { open } = await setup()
  const { journal } = await open()
  await journal.close()
  journal.append({ n: 1 })
  await expect(journal.settled()).rejects.toThrow('could not write')
  journal.append({ n: 2 })
  await expect(journal.settled()).rejects.toThrow('could not write')
})
