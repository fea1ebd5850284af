import { expect, test } from 'vitest'
import { eventually, framesOf, quickSeed, readUntil, setup } from './support.ts'

test.each([
  ['flat', /^data: \{"type":"text"/m],
  ['textOnly', /^data: \{"text"/m],
  ['partial', /"partial":true/],
  ['js', /"timestamp":\d{13}[,}]/],
  ['adk', /"timestamp":\d{10}(\.\d+)?[,}]/],
])('stream.dialect %s', async (dialect, pattern) => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.dialect': dialect })
  expect((await client.send(session_id, 'a fox')).text).toMatch(pattern)
})

test.each([
  ['default', 'data: heartbeat\n\ndata:\n\n'],
  ['json', 'data: {"type":"heartbeat"}\n\n'],
  ['comment', ': ping\n\n'],
  ['event', 'event: heartbeat\ndata:\n\n'],
  ['word', 'heartbeat\n\n'],
  ['blank', 'data: \n\n'],
  ['none', ''],
  [
    'mixed',
    'data: heartbeat\n\ndata:\n\ndata: \n\ndata: {"type":"heartbeat"}\n\n: ping\n\nevent: heartbeat\ndata:\n\nheartbeat\n\n',
  ],
])('stream.heartbeat %s', async (spelling, expected) => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.heartbeat': spelling })
  const { text } = await client.send(session_id, 'a fox')
  expect(text.slice(0, text.indexOf('data: {"content"'))).toBe(expected)
})

test('heartbeats come while a generation takes its time', async () => {
  const { client } = await setup({ timeFactor: 1 / 1000 })
  const { session_id } = await client.newSession()
  const { text } = await client.send(session_id, 'a fox')
  const beats = text.split('\n\n').filter((frame) => frame === 'data: heartbeat' || frame === 'data:')
  expect(beats.length).toBeGreaterThanOrEqual(3)
  expect(beats.slice(0, 3)).toEqual(['data: heartbeat', 'data:', 'data: heartbeat'])
})

test.each([0, 1, 3])('stream.cutAfterFrames %i: the connection breaks, the work goes on', async (count) => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.cutAfterFrames': count })
  const stream = await readUntil(client, session_id, (_text, hasBroken) => hasBroken)
  expect(framesOf(stream.text())).toHaveLength(count)
  await eventually(() => client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
})

test('stream.endAfterFrames: a proper end comes too early, the work goes on', async () => {
  const { client } = await setup({ timeFactor: 1 / 10_000 })
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.endAfterFrames': 2 })
  expect((await client.send(session_id, 'a fox')).frames).toHaveLength(2)
  await eventually(() => client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
})

test('stream.halfOpenAfterFrames: not a byte more, no end, and the work goes on', async () => {
  const { client } = await setup({ timeFactor: 1 / 1000 })
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.halfOpenAfterFrames': 1 })
  const stream = await readUntil(client, session_id, async () => (await client.balance()).total === 900)
  expect(stream.text().match(/data: \{/g)).toHaveLength(1)
  expect(stream.text().endsWith('}\n\n')).toBe(true)
  expect(stream.hasEnded()).toBe(false)
  stream.stop()
})

test('stream.noClose: all is said and the connection stays open', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.noClose': true })
  const stream = await readUntil(client, session_id, (text) => text.includes('click Export'))
  expect(await client.balance()).toMatchObject({ total: 900, frozen: 0 })
  expect(stream.hasEnded()).toBe(false)
  stream.stop()
})

test('stream.trailingNoise: a temporary issue after everything went well', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.trailingNoise': true })
  const { texts } = await client.send(session_id, 'a fox')
  expect(texts).toHaveLength(4)
  expect(texts.at(-1)).toMatch(/^I encountered a temporary issue/)
  expect((await client.balance()).total).toBe(900)
})

test('stream.garbled: only the first frame can be read, the work goes on', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.garbled': true })
  const { frames, text } = await client.send(session_id, 'a fox')
  expect(frames[0]?.event).not.toBeNull()
  expect(frames.slice(1).every(({ event }) => event === null)).toBe(true)
  expect(text).toContain('\ufffd')
  expect((await client.balance()).total).toBe(900)
})

test('stream.duplicateFrames: everything comes twice under the same id', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.duplicateFrames': true })
  const { frames } = await client.send(session_id, 'a fox')
  expect(frames).toHaveLength(14)
  expect(frames[0]).toEqual(frames[1])
})

test.each([
  ['py', 'data: {"error": "tool "edit_multitrack" lost its worker"}'],
  ['pySynthetic', 'Error: tool'],
  ['pyNewest', '"error_type":"ValueError"'],
  ['js', 'data: {"error":"tool'],
  ['go', 'event: error\ndata: {"error"'],
])('stream.errorFrame %s: the turn dies and is refunded', async (variant, expected) => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.errorFrame': variant })
  const { text, status } = await client.send(session_id, 'a fox')
  expect(status).toBe(200)
  expect(text).toContain(expected)
  expect(text).not.toContain('functionResponse')
  expect(await client.balance()).toEqual({ available: 1000, frozen: 0, total: 1000 })
  expect((await client.state(session_id)).draft).toEqual({})
})

test('stream.modelError: an event with a code and no content, and a refund', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.modelError': 'SAFETY' })
  const { frames } = await client.send(session_id, 'a fox')
  expect(frames.at(-1)?.event).toMatchObject({ errorCode: 'SAFETY' })
  expect(await client.balance()).toEqual({ available: 1000, frozen: 0, total: 1000 })
})

test('a client that leaves: the work goes on by default, and ends with stream.cancelOnDrop', async () => {
  const { client } = await setup({ timeFactor: 1 / 200 })
  const leaveEarly = async () => {
    const { session_id } = await client.newSession()
    const stream = await readUntil(client, session_id, (text) => text.includes('Starting'))
    stream.stop()
    await eventually(async () => (await client.balance()).frozen).toBe(0)
    return client.state(session_id)
  }
  expect((await leaveEarly()).draft).not.toEqual({})
  expect((await client.balance()).total).toBe(900)
  await client.fault({ 'stream.cancelOnDrop': true })
  expect((await leaveEarly()).draft).toEqual({})
  expect((await client.balance()).total).toBe(900)
  expect((await client.ledger('charge')).map((row) => row['action'])).toEqual([
    'freeze',
    'settle',
    'freeze',
    'refund',
  ])
})

test('a turn that is canceled after its raw clip is paid', async () => {
  const { client } = await setup({ timeFactor: 1 / 40, seed: quickSeed })
  const { session_id } = await client.newSession()
  await client.fault({ 'stream.cancelOnDrop': true })
  const stream = await readUntil(client, session_id, (text) => text.includes('Raw clip'))
  stream.stop()
  await eventually(async () => (await client.balance()).frozen).toBe(0)
  expect((await client.state(session_id)).draft.t).toHaveLength(1)
  expect((await client.balance()).total).toBe(900)
})
