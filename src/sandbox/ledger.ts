import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { LedgerEntry, LedgerRow } from './ledger-entry.ts'

interface LedgerPage {
  readonly rows: readonly unknown[]
  readonly next_after: number
  readonly last_seq: number
}

/** The append-only account of everything billable or identity-bearing that arrived; never compacted. */
export interface Ledger {
  /** Numbers an entry. The row is part of the ledger once it is appended. */
  number(entry: LedgerEntry, nowMs: number): LedgerRow
  append(rows: readonly LedgerRow[]): Promise<void>
  /** The number of the last row on disk; 0 when there is none. */
  lastSeq(): number
  /** Rows after a number, oldest first, of one kind or of all. */
  page(query: { after: number; kind: string | null; limit: number }): Promise<LedgerPage>
  sync(): Promise<void>
  close(): Promise<void>
}

/** Every how many rows the place of a row in the file is remembered. */
const indexStride = 512

/** Opens the file of rows, drops half a row that a killed process may have left, and finds its last number. */
export const openLedger = async (path: string): Promise<Ledger> => {
  const file = await open(path, 'a+')
  const index = await readIndex(path)
  await file.truncate(index.sizeBytes)
  let numberedSeq = index.lastSeq

  return {
    number: (entry, nowMs) => {
      numberedSeq += 1
      return { seq: numberedSeq, at: new Date(nowMs).toISOString(), ...entry }
    },
    append: async (rows) => {
      if (rows.length === 0) return
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`)
      await file.writeFile(lines.join(''))
      rows.forEach((row, position) => {
        noteRow(index, row.seq, Buffer.byteLength(lines[position] ?? ''))
      })
      numberedSeq = Math.max(numberedSeq, index.lastSeq)
    },
    lastSeq: () => index.lastSeq,
    page: (query) => readPage(path, index, query),
    sync: () => file.datasync(),
    close: () => file.close(),
  }
}

interface RowIndex {
  lastSeq: number
  sizeBytes: number
  /** Byte offsets of the rows 1, 1 + stride, 1 + 2·stride, … */
  readonly offsets: number[]
}

const noteRow = (index: RowIndex, seq: number, rowBytes: number): void => {
  if ((seq - 1) % indexStride === 0) index.offsets.push(index.sizeBytes)
  index.lastSeq = seq
  index.sizeBytes += rowBytes
}

const readIndex = async (path: string): Promise<RowIndex> => {
  const index: RowIndex = { lastSeq: 0, sizeBytes: 0, offsets: [] }
  for await (const { line, isWhole } of linesFrom(path, 0)) {
    if (isWhole) noteRow(index, index.lastSeq + 1, Buffer.byteLength(line) + 1)
  }
  return index
}

const readPage = async (
  path: string,
  index: RowIndex,
  query: { after: number; kind: string | null; limit: number },
): Promise<LedgerPage> => {
  const lastSeq = index.lastSeq
  const rows: unknown[] = []
  let nextAfter = query.after
  const block = Math.floor(query.after / indexStride)
  const start = index.offsets[block]
  if (start === undefined) return { rows, next_after: nextAfter, last_seq: lastSeq }
  let seq = block * indexStride
  for await (const { line } of linesFrom(path, start)) {
    seq += 1
    if (seq > lastSeq || rows.length >= query.limit) break
    if (seq <= query.after) continue
    nextAfter = seq
    if (query.kind === null || line.includes(`"kind":"${query.kind}"`)) rows.push(JSON.parse(line))
  }
  return { rows, next_after: nextAfter, last_seq: lastSeq }
}

/** The lines of a file; the last one is whole only when the file ends behind it with a line feed. */
async function* linesFrom(path: string, start: number): AsyncGenerator<{ line: string; isWhole: boolean }> {
  const input = createReadStream(path, { start, encoding: 'utf8' })
  let rest = ''
  for await (const chunk of input) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield { line, isWhole: true }
  }
  if (rest !== '') yield { line: rest, isWhole: false }
}
