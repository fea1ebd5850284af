import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './accounts.ts'
import type { ClaimToken } from './claims.ts'
import type { Clip } from './clips.ts'
import type { Fault } from './faults/faults.ts'
import { type Journal, openJournal } from './journal.ts'
import { type Ledger, openLedger } from './ledger.ts'
import type { LedgerEntry, LedgerRow } from './ledger-entry.ts'
import type { Media } from './media/media.ts'
import type { TokenQuota } from './quotas.ts'
import type { Render } from './renders.ts'
import type { SessionState } from './session-state.ts'
import type { Session } from './sessions.ts'
import type { Token } from './tokens.ts'
import type { Turn, TurnProgress } from './turn.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The tables of the sandbox. Rows are plain JSON and never changed in place: a change puts a new row. */
interface Tables {
  accounts: Account
  tokens: Token
  quotas: TokenQuota
  claims: ClaimToken
  sessions: Session
  /** What an agent sees of a session, apart from its identity, because it changes with every edit. */
  states: SessionState
  media: Media
  clips: Clip
  turns: Turn
  progress: TurnProgress
  renders: Render
  faults: Fault
}

type TableName = keyof Tables
const tableNames = [
  'accounts',
  'tokens',
  'quotas',
  'claims',
  'sessions',
  'states',
  'media',
  'clips',
  'turns',
  'progress',
  'renders',
  'faults',
] as const satisfies readonly TableName[]

/** One row that is put under its key, or with `null` removed. */
export type Change = { [T in TableName]: readonly [table: T, key: string, row: Tables[T] | null] }[TableName]

/** What happens together or not at all: rows and the ledger entries that account for them. */
interface Commit {
  readonly changes?: readonly Change[]
  readonly ledger?: readonly LedgerEntry[]
}

/**
 * The whole state of the sandbox: read from memory, written through the journal. A commit shows at once; an answer
 * must wait for `settled`, so that nobody is told what a crash could still undo.
 */
export interface World {
  find<T extends TableName>(table: T, key: string): Tables[T] | null
  /** As `find`, for a row that another row refers to; throws when it is missing. */
  get<T extends TableName>(table: T, key: string): Tables[T]
  list<T extends TableName>(table: T): Iterable<Tables[T]>
  count(table: TableName): number
  commit(commit: Commit): void
  settled(): Promise<void>
  readonly ledger: Pick<Ledger, 'page' | 'lastSeq'>
  close(): Promise<void>
}

interface JournalEntry {
  readonly c?: readonly Change[]
  readonly l?: readonly LedgerRow[]
}

type Rows = { readonly [T in TableName]: Map<string, Tables[T]> }

export const openWorld = async (directory: string, clock: VirtualClock): Promise<World> => {
  await mkdir(directory, { recursive: true })
  const rows = Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as Rows
  const ledger = await openLedger(join(directory, 'ledger.jsonl'))
  const missingRows: LedgerRow[] = []

  const journal: Journal<JournalEntry> = await openJournal<JournalEntry>({
    directory: join(directory, 'journal'),
    replay: (entry) => {
      applyChanges(rows, entry.c ?? [])
      missingRows.push(...(entry.l ?? []).filter((row) => row.seq > ledger.lastSeq()))
    },
    replayed: async () => {
      await ledger.append(missingRows)
      await ledger.sync()
    },
    compacted: () => compactedEntries(rows),
    durable: (entries) => ledger.append(entries.flatMap((entry) => entry.l ?? [])),
  })

  return {
    find: (table, key) => rows[table].get(key) ?? null,
    get: (table, key) => {
      const row = rows[table].get(key)
      if (row === undefined) throw new Error(`there is no row ${key} in ${table}`)
      return row
    },
    list: (table) => rows[table].values(),
    count: (table) => rows[table].size,
    commit: ({ changes = [], ledger: entries = [] }) => {
      applyChanges(rows, changes)
      const numbered = entries.map((entry) => ledger.number(entry, clock.nowMs()))
      journal.append({
        ...(changes.length > 0 && { c: changes }),
        ...(numbered.length > 0 && { l: numbered }),
      })
    },
    settled: journal.settled,
    ledger,
    close: async () => {
      await journal.close()
      await ledger.close()
    },
  }
}

const applyChanges = (rows: Rows, changes: readonly Change[]): void => {
  for (const [table, key, row] of changes) {
    const map = rows[table] as Map<string, unknown>
    if (row === null) map.delete(key)
    else map.set(key, row)
  }
}

function* compactedEntries(rows: Rows): Generator<JournalEntry> {
  for (const name of tableNames) {
    for (const [key, row] of rows[name]) yield { c: [[name, key, row] as Change] }
  }
}

/** 0 when there is no row. */
export const highestSerial = (rows: Iterable<{ readonly serial: number }>): number => {
  let highest = 0
  for (const { serial } of rows) highest = Math.max(highest, serial)
  return highest
}
