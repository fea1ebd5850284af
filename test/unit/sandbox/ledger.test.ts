import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLedger } from '../../../src/sandbox/ledger.ts'
import type { LedgerEntry } from '../../../src/sandbox/ledger-entry.ts'

const tokenEntry = (clientId: string): LedgerEntry => ({
  kind: 'token',
  verdict: 'accepted',
  client_id: clientId,
  ip: '::1',
})
const sessionEntry: LedgerEntry = { kind: 'session', verdict: 'accepted', session_id: '1' }

const setup = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-ledger-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return join(directory, 'ledger.jsonl')
}

test('rows are numbered without gaps, across restarts', async () => {
  const path = await setup()
  const first = await openLedger(path)
  await first.append([first.number(tokenEntry('a'), 0), first.number(tokenEntry('b'), 0)])
  await first.close()
  const second = await openLedger(path)
  expect(second.lastSeq()).toBe(2)
  expect(second.number(sessionEntry, 0)).toEqual({ seq: 3, at: '1970-01-01T00:00:00.000Z', ...sessionEntry })
  await second.close()
})

test('half a row at the end is cut off', async () => {
  const path = await setup()
  const first = await openLedger(path)
  await first.append([first.number(tokenEntry('a'), 0)])
  await first.close()
  await appendFile(path, '{"seq":2,"ki')
  const second = await openLedger(path)
  expect(second.lastSeq()).toBe(1)
  expect((await readFile(path, 'utf8')).endsWith('}\n')).toBe(true)
  await second.close()
})

test('a page follows a number, whatever lies between', async () => {
  const ledger = await openLedger(await setup())
  for (let n = 1; n <= 1500; n++) await ledger.append([ledger.number(tokenEntry(`client-${n}`), 0)])
  const page = await ledger.page({ after: 1022, kind: null, limit: 3 })
  expect(page.rows).toMatchObject([
    { seq: 1023, client_id: 'client-1023' },
    { seq: 1024, client_id: 'client-1024' },
    { seq: 1025, client_id: 'client-1025' },
  ])
  expect(page).toMatchObject({ next_after: 1025, last_seq: 1500 })
  expect(await ledger.page({ after: 1500, kind: null, limit: 3 })).toMatchObject({
    rows: [],
    next_after: 1500,
  })
  await ledger.close()
})

test('a page of one kind passes over the others and over look-alikes', async () => {
  const ledger = await openLedger(await setup())
  const rows = [tokenEntry('"kind":"session"'), sessionEntry, tokenEntry('b'), sessionEntry]
  await ledger.append(rows.map((row) => ledger.number(row, 0)))
  const page = await ledger.page({ after: 0, kind: 'session', limit: 10 })
  expect(page.rows).toMatchObject([{ seq: 2 }, { seq: 4 }])
  await ledger.close()
})

test('rows of several bytes a character are found again', async () => {
  const ledger = await openLedger(await setup())
  for (let n = 1; n <= 600; n++) await ledger.append([ledger.number(tokenEntry(`客户-${n}`), 0)])
  const page = await ledger.page({ after: 512, kind: null, limit: 1 })
  expect(page.rows).toMatchObject([{ seq: 513, client_id: '客户-513' }])
  await ledger.close()
})
