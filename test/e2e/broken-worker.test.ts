import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CliplineClient, createClient, type Job } from '../../src/client/index.ts'
import { type BreakPlan, breakPlanVariable, type OperationPath } from '../chaos/sweep/break-plan.ts'
import { readLedger, setFault, testApiKey, testEnvironment, testToken } from '../support/app.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type CliplineProcess, startClipline } from '../support/process.ts'

const breaker = fileURLToPath(new URL('../chaos/sweep/break-at.ts', import.meta.url))

/** The one worker of a service is killed at an operation by its name, and others take its place. */
describe('a worker that is killed', () => {
  let dataDir: string
  let database: TestDatabase
  let rows: pg.Pool
  let sandbox: CliplineProcess
  let api: CliplineProcess
  let client: CliplineClient
  const running: CliplineProcess[] = []

  const start = async (args: readonly string[], environment: Record<string, string>, nodeArgs?: string[]) => {
    const started = await startClipline(args, environment, nodeArgs)
    running.push(started)
    return started
  }

  const environment = (account: Record<string, string>): Record<string, string> => ({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    NEMO_API_URL: String(sandbox.ready['url']),
    NEMO_RENDER_POLL_MS: '50',
    NEMO_RECOVERY_FIRST_MS: '100',
    NEMO_RECOVERY_EVERY_MS: '100',
    LEASE_MS: '1000',
    ...testEnvironment,
    ...account,
  })

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'clipline-broken-'))
    database = await createTestDatabase()
    rows = new pg.Pool({ connectionString: database.url, max: 1 })
    sandbox = await start(
      [
        'sandbox',
        '--json',
        '--port=0',
        `--data-dir=${join(dataDir, 'sandbox')}`,
        '--time-factor=0',
        '--renderer=fixture',
      ],
      { CLIPLINE_SANDBOX_TOKEN: testToken },
    )
    api = await start(['api', '--json'], environment({ NEMO_TOKEN: testToken }))
    client = createClient({ baseUrl: String(api.ready['url']), apiKey: testApiKey })
  })

  afterAll(async () => {
    for (const one of running) one.signal('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    await rows.end()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** Starts a worker that is killed when it has met these operations one after the other, and waits until it is. */
  const breakWorker = async (account: Record<string, string>, at: OperationPath): Promise<void> => {
    const [planFile, journal] = [join(dataDir, 'break-plan.json'), join(dataDir, 'breaks')]
    await writeFile(planFile, JSON.stringify({ at, signal: 'SIGKILL', journal } satisfies BreakPlan))
    const worker = await start(
      ['worker', '--json'],
      { ...environment(account), [breakPlanVariable]: planFile },
      ['--import', breaker],
    ).catch(() => null)
    // One that is killed at once never says that it is ready.
    if (worker !== null) expect(await worker.ended).toBe('SIGKILL')
    expect(await readFile(journal, 'utf8')).toContain(at.at(-1))
    await rm(journal)
  }

  /** Runs while `act` does. */
  const withWorker = async <T>(account: Record<string, string>, act: () => Promise<T>): Promise<T> => {
    const worker = await start(['worker', '--json'], environment(account))
    const result = await act()
    worker.signal('SIGTERM')
    expect(await worker.ended).toBe(0)
    return result
  }

  const submit = () => client.jobs.submit({ prompt: 'a lighthouse in a storm' })
  const end = (jobId: string): Promise<Job> => client.jobs.wait(jobId)

  describe('around its request of an anonymous token', () => {
    const request = 'sends POST /api/auth/anonymous-token'
    const keeping = 'sends UPDATE provider_accounts'
    const week = 7 * 24 * 3_600_000

    const verdictsOf = async (clientId: string) =>
      (await readLedger(String(sandbox.ready['url']), 'token'))
        .filter(({ client_id }) => client_id === clientId)
        .map(({ verdict }) => verdict)

    /** Whoever asks for the token has had its time, and nobody waits any more. */
    const endClaim = () => rows.query("UPDATE provider_accounts SET refresh_until = now() - interval '1 s'")
    const endWaits = () => rows.query(`UPDATE jobs SET due_at = now() WHERE state = 'waiting'`)
    const passWeeks = (weeks: number) =>
      setFault(String(sandbox.ready['url']), { set: { 'token.clockOffsetMs': weeks * week + 1 } })

    it('loses no token that was not asked for, and asks once more for one whose answer is lost', async () => {
      const account = { NEMO_CLIENT_ID: 'killed-before-the-answer' }
      const { id } = await submit()
      await breakWorker(account, [request])
      expect(await verdictsOf('killed-before-the-answer')).toEqual([])
      await endClaim()
      await breakWorker(account, [request, 'receives HTTP/1.1 200'])
      expect(await verdictsOf('killed-before-the-answer')).toEqual(['accepted'])
      await endClaim()
      const job = await withWorker(account, async () => {
        await expect.poll(() => verdictsOf('killed-before-the-answer')).toEqual(['accepted', 'rejected'])
        // Nobody asks again before the quota may have changed, whatever comes due.
        const second = await submit()
        await endWaits()
        await expect.poll(async () => (await client.jobs.get(second.id)).state).toBe('waiting')
        expect(await verdictsOf('killed-before-the-answer')).toEqual(['accepted', 'rejected'])
        await client.jobs.cancel(second.id)
        await passWeeks(1)
        await endClaim()
        await endWaits()
        return end(id)
      })
      expect(job.failure).toBeNull()
      expect(await verdictsOf('killed-before-the-answer')).toEqual(['accepted', 'rejected', 'accepted'])
    })

    it('asks for another one when it was not kept, and for none when it was', async () => {
      const account = { NEMO_CLIENT_ID: 'killed-with-the-answer' }
      const { id } = await submit()
      await breakWorker(account, [request, keeping])
      expect(await verdictsOf('killed-with-the-answer')).toEqual(['accepted'])
      await passWeeks(2)
      await endClaim()
      await breakWorker(account, [request, keeping, 'receives UPDATE'])
      expect(await verdictsOf('killed-with-the-answer')).toEqual(['accepted', 'accepted'])
      const job = await withWorker(account, () => end(id))
      expect(job.failure).toBeNull()
      expect(await verdictsOf('killed-with-the-answer')).toEqual(['accepted', 'accepted'])
    })
  })

  describe('between the permit of a message and its first byte', () => {
    const account = { NEMO_TOKEN: testToken }
    const permitsOf = async (jobId: string) => {
      const { rows: permits } = await rows.query<{ state: string }>(
        'SELECT state FROM permits WHERE job_id = $1 ORDER BY try',
        [jobId],
      )
      return permits.map(({ state }) => state)
    }

    it('leaves proof that it was not sent, and the next one sends it', async () => {
      const { id } = await submit()
      await breakWorker(account, ['takes a mark'])
      expect(await permitsOf(id)).toEqual(['open'])
      const job = await withWorker(account, () => end(id))
      expect(job).toMatchObject({ state: 'succeeded', credits: { at_risk: 0 } })
      expect(await permitsOf(id)).toEqual(['not_sent', 'settled'])
    })
  })
})
