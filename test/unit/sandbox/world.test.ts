import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createVirtualClock } from '../../../src/sandbox/virtual-clock.ts'
import { openWorld } from '../../../src/sandbox/world.ts'

const setup = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-world-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return { directory, open: () => openWorld(directory, createVirtualClock(0)) }
}

test('rows and ledger entries of a commit come back together', async () => {
  const { open } = await setup()
  const first = await open()
  first.commit({
    changes: [['quotas', 'ip:1', { issuedAtMs: [5] }]],
    ledger: [{ kind: 'session', verdict: 'accepted', session_id: '1' }],
  })
  first.commit({ changes: [['quotas', 'ip:2', { issuedAtMs: [6] }]] })
  first.commit({ changes: [['quotas', 'ip:1', null]] })
  await first.close()

  const second = await open()
  expect(second.find('quotas', 'ip:1')).toBeNull()
  expect(second.get('quotas', 'ip:2')).toEqual({ issuedAtMs: [6] })
  expect((await second.ledger.page({ after: 0, kind: null, limit: 10 })).rows).toMatchObject([
    { session_id: '1' },
  ])
  await second.close()
})

test('a ledger that lags behind the journal is made good at the next start', async () => {
  const { directory, open } = await setup()
  const first = await open()
  first.commit({ ledger: [{ kind: 'session', verdict: 'accepted', session_id: '1' }] })
  await first.settled()
  await first.close()
  await rm(join(directory, 'ledger.jsonl'))

  const second = await open()
  expect((await second.ledger.page({ after: 0, kind: null, limit: 10 })).rows).toMatchObject([
    { seq: 1, session_id: '1' },
  ])
  second.commit({ ledger: [{ kind: 'session', verdict: 'accepted', session_id: '2' }] })
  await second.settled()
  expect(second.ledger.lastSeq()).toBe(2)
  await second.close()
})

test('a row that must be there is missed loudly', async () => {
  const { open } = await setup()
  const world = await open()
  expect(() => world.get('sessions', '1')).toThrow('no row 1 in sessions')
  await world.close()
})
