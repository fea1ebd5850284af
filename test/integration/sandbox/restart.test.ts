import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/server.ts'
import { createClient, eventually, newDataDir, quickSeed, setup } from './support.ts'

const options = {
  timeFactor: 1 / 100,
  seed: quickSeed,
  renderer: 'fixture',
  accounts: [{ token: 'nmv_usr_TEST0001', credits: 1000 }],
}

/** A sandbox in a process of its own, on a data folder that outlives it. */
const setupProcess = async (changed: object = {}) => {
  const dataDir = await newDataDir()
  const start = async (again: object = {}) => {
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, 'sandbox-process.ts'),
        JSON.stringify({ ...options, ...changed, ...again, dataDir }),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    onTestFinished(() => kill(child))
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    return { child, client: createClient(url) }
  }
  return { dataDir, start }
}

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

const kindsOf = (rows: readonly Record<string, unknown>[]) =>
  rows.map((row) => `${row['kind']} ${row['action'] ?? row['verdict'] ?? row['status']}`)

test('a generation that was killed goes on after a restart, and is paid once', async () => {
  const { start } = await setupProcess()
  const first = await start()
  const { session_id } = await first.client.newSession()
  const turn = first.client.send(session_id, 'a fox')
  turn.catch(() => undefined)
  await eventually(async () => (await first.client.balance()).frozen).toBe(100)
  await kill(first.child)
  await expect(turn).rejects.toThrow()

  const second = await start()
  await eventually(() => second.client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
  const state = await second.client.state(session_id)
  expect(state.draft.t.map((track) => track.tt)).toEqual([0, 1, 7])
  expect(state.generated_media).toHaveLength(1)
  expect(kindsOf(await second.client.ledger())).toEqual([
    'session accepted',
    'message accepted',
    'charge freeze',
    'charge settle',
  ])
})

test('a generation that was killed between its stages gets its second stage once', async () => {
  const { start } = await setupProcess({ timeFactor: 1 / 40 })
  const first = await start()
  const { session_id } = await first.client.newSession()
  const turn = first.client.send(session_id, 'a fox')
  turn.catch(() => undefined)
  await eventually(async () => (await first.client.state(session_id)).draft.t?.length).toBe(1)
  await kill(first.child)

  const second = await start()
  await eventually(async () => (await second.client.state(session_id)).draft.t).toHaveLength(3)
  await eventually(async () => (await second.client.balance()).frozen).toBe(0)
  const state = await second.client.state(session_id)
  expect(state.generated_media).toHaveLength(1)
  expect(state.video_infos).toHaveLength(1)
})

test('renders that were killed are finished once, in their order', async () => {
  const { start } = await setupProcess({ timeFactor: 1 / 20 })
  const first = await start()
  const draft = { d: 3000, t: [{ tt: 7, sg: [{ d: 3000, m: { text: 'Hi' } }] }] }
  const { session_id } = await first.client.newSession()
  for (const id of ['a', 'b']) {
    await first.client.post('/api/render/proxy/lambda', { id, sessionId: session_id, draft })
  }
  await eventually(async () => (await first.client.poll('a')).body).toMatchObject({ status: 'processing' })
  await kill(first.child)

  const second = await start({ timeFactor: 1 / 200 })
  const { output } = await second.client.rendered('a')
  expect(output.url.startsWith(second.client.url)).toBe(true)
  expect((await fetch(output.url)).status).toBe(200)
  await second.client.rendered('b')
  expect((await second.client.ledger('render_end')).map((row) => [row['render_id'], row['status']])).toEqual([
    ['a', 'completed'],
    ['b', 'completed'],
  ])
})

test('killed at any moment, no acknowledged message is lost and none is paid twice', async () => {
  const { start } = await setupProcess({
    timeFactor: 1 / 2000,
    accounts: [{ token: 'nmv_usr_TEST0001', credits: 100_000 }],
  })
  const acknowledged: string[] = []
  for (let round = 0; round < 4; round++) {
    const { child, client } = await start()
    const turns = Array.from({ length: 15 }, async () => {
      const { session_id } = await client.newSession()
      const reply = await client.send(session_id, 'a fox')
      if (reply.texts.some((text) => text.includes('click Export'))) acknowledged.push(session_id)
    })
    await Promise.race(turns)
    await kill(child)
    await Promise.allSettled(turns)
  }
  const { client } = await start()
  await eventually(async () => (await client.balance()).frozen).toBe(0)
  for (const sessionId of acknowledged) expect((await client.state(sessionId)).draft.t).toHaveLength(3)

  const rows = await client.ledger()
  const accepted = rows.filter((row) => row['kind'] === 'message' && row['verdict'] === 'accepted')
  const settled = rows.filter((row) => row['action'] === 'settle').map((row) => row['session_id'])
  expect(acknowledged.length).toBeGreaterThan(0)
  expect(new Set(settled).size).toBe(settled.length)
  expect(settled.length).toBe(accepted.length)
  expect((await client.balance()).total).toBe(100_000 - 100 * accepted.length)
  expect(rows.map((row) => row['seq'])).toEqual(rows.map((_row, index) => index + 1))
})

test('accounts, tokens, sessions, uploads, faults and claims are there after a graceful stop', async () => {
  const { sandbox, client, dataDir } = await setup()
  const { session_id, task_id } = await client.generated()
  const form = new FormData()
  form.append('files', new Blob(['ID3']), 'song.mp3')
  await client.call('POST', `/api/upload-video/nemo_agent/me/${session_id}`, { body: form })
  await client.fault({ 'http.status': 500 }, { endpoint: 'balance', times: 1 })
  const claim = await client.post('/api/auth/claim-token', { task_id, session_id })
  const state = await client.state(session_id)
  await sandbox.close()

  const { client: again } = await setup({ dataDir, accounts: [{ token: 'nmv_usr_TEST0001', credits: 5 }] })
  const moved = JSON.parse(JSON.stringify(state).replaceAll(client.url, again.url))
  expect(await again.state(session_id)).toEqual(moved)
  expect((await fetch(String(moved.video_infos[1].cdn_url))).status).toBe(200)
  expect((await again.post('/api/auth/claim-token', { task_id, session_id })).text).toBe(claim.text)
  expect(await again.get('/api/credits/balance/simple')).toMatchObject({ status: 500 })
  expect(await again.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
})

test('a file that no upload finished with is swept at the next start', async () => {
  const dataDir = await newDataDir()
  await mkdir(join(dataDir, 'media', 'incoming'), { recursive: true })
  await writeFile(join(dataDir, 'media', 'incoming', 'med_1.mp4'), 'half')
  await writeFile(join(dataDir, 'media', 'med_2.mp4'), 'whole, but not acknowledged')
  await setup({ dataDir })
  expect(await readdir(join(dataDir, 'media'), { recursive: true })).toEqual(['incoming'])
})

test('two sandboxes do not share a folder; one that was killed leaves no lock', async () => {
  const { start, dataDir } = await setupProcess()
  const { child } = await start()
  await expect(startSandbox({ dataDir, renderer: 'fixture' })).rejects.toThrow('at work')
  await kill(child)
  const sandbox = await startSandbox({ dataDir, renderer: 'fixture' })
  await sandbox.close()
})

test('a row of the ledger is on disk before its answer', async () => {
  const { client, dataDir } = await setup()
  const { session_id } = await client.newSession()
  expect(await readFile(join(dataDir, 'ledger.jsonl'), 'utf8')).toContain(session_id)
  await client.send(session_id, 'a fox')
  await client.submit(session_id, 'render_7')
  const onDisk = await readFile(join(dataDir, 'ledger.jsonl'), 'utf8')
  const kinds = onDisk
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).kind as string)
  expect(kinds.slice(0, 5)).toEqual(['session', 'message', 'charge', 'charge', 'render'])
})
