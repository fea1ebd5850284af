import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { encodeJpeg } from '../../../src/media/jpeg/encoder.ts'
import { startTestBed, type TestBed, testApiKey } from '../../support/app.ts'
import { clipline, jsonOf, toObjects } from './command.ts'

const tomorrow = new Date(Date.now() + 86_400_000).toISOString()

let bed: TestBed
let folder: string
beforeAll(async () => {
  bed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'clipline-cli-'))
  const gray = { width: 64, height: 48, rgba: Buffer.alloc(64 * 48 * 4, 128) }
  await writeFile(join(folder, 'photo.jpg'), encodeJpeg(gray, 80))
  vi.stubEnv('CLIPLINE_URL', bed.url)
  vi.stubEnv('CLIPLINE_API_KEY', testApiKey)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await bed?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Has all that a command asks answered the same. */
const answerAll = async (status: number, body: string) => {
  const server = createServer((_request, response) => {
    const type = body.startsWith('{') ? 'application/problem+json' : 'text/html'
    response.writeHead(status, { 'content-type': type, ...(status >= 429 && { 'retry-after': '3600' }) })
    response.end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  vi.stubEnv('CLIPLINE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return {
    async stop() {
      vi.stubEnv('CLIPLINE_URL', bed.url)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('clipline submit', () => {
  test('prints the id, and follows the job only when it is asked to', async () => {
    const { code, stdout } = await clipline('submit', 'a fox')
    expect(code).toBe(exitCodes.ok)
    expect(stdout).toMatch(/^job_\S+\n$/)
    await bed.client.jobs.wait(stdout.trim())
  })

  test('uploads a photo, shows every stage in plain lines, and saves the video', async () => {
    const [photo, video] = [join(folder, 'photo.jpg'), join(folder, 'new', 'clip.mp4')]
    const { code, stdout } = await clipline('submit', 'push in', '--input', photo, '--out', video)
    expect(code).toBe(exitCodes.ok)
    for (const stage of ['upload', 'generate', 'render', 'deliver']) expect(stdout).toContain(`✓ ${stage}`)
    expect(stdout).toContain(`Saved ${video}\n`)
    expect((await readFile(video)).subarray(4, 8).toString()).toBe('ftyp')
  })

  test('writes one JSON object a line: the job, its events, the job as it ended', async () => {
    const [accepted, ...rest] = await jsonOf(
      'submit',
      'waves',
      '--step',
      'add music',
      '--wait',
      '--tag',
      'sea',
    )
    const ended = rest.pop()
    expect(accepted).toMatchObject({ state: 'queued', steps: ['add music'], tags: ['sea'] })
    expect(rest.map(({ seq }) => seq)).toEqual(rest.map((_, index) => index + 1))
    expect(ended).toMatchObject({ id: accepted.id, state: 'succeeded' })
  })

  test('passes every wish on', async () => {
    const flags = ['--aspect-ratio', '9:16', '--duration', '5', '--resolution', '1080p', '--priority', 'low']
    const more = ['--max-credits', '400', '--run-at', tomorrow, '--metadata', 'order=a=b']
    const [job] = await jsonOf('submit', 'a boat', ...flags, ...more)
    expect(job).toMatchObject({
      output: { aspect_ratio: '9:16', duration_s: 5, resolution: '1080p' },
      priority: 'low',
      metadata: { order: 'a=b' },
    })
  })

  test('takes a time to run at that counts from now', async () => {
    const [job] = await jsonOf('submit', 'a boat', '--run-at', '+2h')
    const { waiting_for } = await bed.client.jobs.explain(job.id)
    const hours = (Date.parse(waiting_for?.until ?? '') - Date.parse(job.created_at)) / 3_600_000
    expect(hours).toBeCloseTo(2, 1)
    for (const args of [
      ['--run-at', '+2y'],
      ['--run-at', '+2h', '--key', 'order-2'],
    ])
      expect((await clipline('submit', 'a boat', ...args)).code).toBe(exitCodes.usage)
  })

  test('makes one job of one key and the same files', async () => {
    const photo = join(folder, 'photo.jpg')
    const submit = () => clipline('submit', 'a boat', '--input', photo, '--key', 'order-3')
    const { stdout } = await submit()
    expect((await submit()).stdout).toBe(stdout)
    await bed.client.jobs.wait(stdout.trim())
  })

  test('makes one job of one key', async () => {
    const submit = () => clipline('submit', 'a boat', '--key', 'order-1')
    const { stdout } = await submit()
    expect((await submit()).stdout).toBe(stdout)
    await bed.client.jobs.wait(stdout.trim())
  })

  test('says what a job would cost', async () => {
    expect((await clipline('submit', 'a boat', '--dry-run')).stdout).toContain('about 100 credits')
    expect(await jsonOf('submit', 'a boat', '--dry-run')).toMatchObject([{ valid: true }])
  })

  test('ends with a code of its own when the job fails', async () => {
    await bed.setFault({ set: { 'render.fail': true }, times: 2 })
    const { code, stdout, stderr } = await clipline('submit', 'a boat', '--wait')
    expect(code).toBe(exitCodes.jobFailed)
    expect(stdout).toContain('✗ render_failed')
    expect(stderr).toMatch(/^clipline: .+\.\n$/)
  })

  test('refuses what cannot be meant before anything is sent', async () => {
    for (const args of [
      [],
      ['a', 'b'],
      ['a', '--duration', 'long'],
      ['a', '--metadata', 'x'],
      ['a', '--nope'],
    ]) {
      const { code, stderr } = await clipline('submit', ...args)
      expect(code).toBe(exitCodes.usage)
      expect(stderr).toContain('Usage: clipline submit')
    }
    const missing = await clipline('submit', 'a', '--input', join(folder, 'none.jpg'))
    expect(missing).toMatchObject({ code: exitCodes.usage, stdout: '' })
    expect(missing.stderr).toContain('none.jpg cannot be read (ENOENT)')
  })

  test('names every field that the service refuses', async () => {
    const refused = await clipline('submit', 'a', '--priority', 'top', '--run-at', 'soon')
    expect(refused.code).toBe(exitCodes.refused)
    expect(refused.stderr).toMatch(/\/priority: .+\n {2}\/run_at: /)
    expect(refused.stderr.match(/priority/g)).toHaveLength(1)
    const { stderr } = await clipline('submit', 'a', '--priority', 'top', '--json')
    expect(toObjects(stderr)).toMatchObject([{ error: 'refused', code: 'invalid_request', status: 400 }])
  })
})

describe('clipline watch', () => {
  test('follows a job from any of its events on', async () => {
    const { id } = await bed.client.jobs.run({ prompt: 'rain' })
    const { code, stdout } = await clipline('watch', id)
    expect(code).toBe(exitCodes.ok)
    expect(stdout).toContain('✓ deliver')
    const all = await jsonOf('watch', id)
    expect(await jsonOf('watch', id, '--after', String(all.length - 3))).toEqual(all.slice(-3))
  })

  test('ends with a code of its own for a job that was canceled, or is not there', async () => {
    const { id } = await bed.client.jobs.submit({ prompt: 'rain', run_at: tomorrow })
    await bed.client.jobs.cancel(id)
    expect((await clipline('watch', id)).code).toBe(exitCodes.jobFailed)
    const missing = await clipline('watch', 'job_x')
    expect(missing.code).toBe(exitCodes.refused)
    expect(missing.stderr).toMatch(/^clipline: There is nothing here\. Check the id, .+\n$/)
    expect((await clipline('watch')).code).toBe(exitCodes.usage)
  })
})

describe('clipline', () => {
  test('explains itself and each of its commands', async () => {
    const { stdout } = await clipline('--help')
    for (const name of ['submit', 'doctor', 'watch', 'openapi']) expect(stdout).toContain(`\n  ${name} `)
    const help = await clipline('submit', '--help')
    expect(help.code).toBe(exitCodes.ok)
    for (const part of ['Usage', '--aspect-ratio W:H', 'Examples', 'CLIPLINE_API_KEY', '5 job failed'])
      expect(help.stdout).toContain(part)
    expect((await clipline('help', 'submit')).stdout).toBe(help.stdout)
    expect((await clipline()).code).toBe(exitCodes.usage)
    expect((await clipline('sumbit')).code).toBe(exitCodes.usage)
  })

  test('says which version it is', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
    for (const asked of ['--version', '-v', 'version'])
      expect(await clipline(asked)).toEqual({ code: exitCodes.ok, stdout: `${version}\n`, stderr: '' })
    expect(await jsonOf('--version')).toEqual([{ version }])
  })

  test.each([
    [401, exitCodes.refused, 'CLIPLINE_API_KEY'],
    [409, exitCodes.refused, 'Taken: as it is.\n'],
    [429, exitCodes.refused, 'Try again in 3600 s.'],
    [500, exitCodes.failed, 'Taken'],
    [503, exitCodes.unreachable, 'Try again in 3600 s.'],
  ])('ends on a problem of status %d with the code for its kind', async (status, code, words) => {
    const problem = { code: 'x', title: 'Taken', detail: 'as it is.', status, retryable: false, errors: [] }
    const answer = await answerAll(status, JSON.stringify(problem))
    const ended = await clipline('watch', 'job_x')
    const told = (await clipline('watch', 'job_x', '--json')).stderr
    await answer.stop()
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) })
    expect(JSON.parse(told)).toMatchObject({ status, retryable: false, code: 'x' })
  })

  test('says that what answers is no Clipline', async () => {
    const answer = await answerAll(404, '<html>')
    const ended = await clipline('watch', 'job_x')
    await answer.stop()
    expect(ended.code).toBe(exitCodes.failed)
    expect(ended.stderr).toContain('Is CLIPLINE_URL the address of Clipline?')
  })

  test('prints the description of the API', async () => {
    const { stdout } = await clipline('openapi')
    expect(JSON.parse(stdout)).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) })
    expect(await jsonOf('openapi')).toEqual([JSON.parse(stdout)])
  })

  test('says which setting it misses, and that nobody answers', async () => {
    vi.stubEnv('CLIPLINE_API_KEY', '')
    expect((await clipline('watch', 'x')).stderr).toContain('CLIPLINE_API_KEY is needed')
    vi.stubEnv('CLIPLINE_API_KEY', 'clk_secret\n')
    const unusable = await clipline('watch', 'x')
    expect(unusable.code).toBe(exitCodes.usage)
    expect(unusable.stderr).not.toContain('clk_secret')
    vi.stubEnv('CLIPLINE_API_KEY', testApiKey)
    vi.stubEnv('CLIPLINE_URL', 'clipline')
    expect((await clipline('watch', 'x')).code).toBe(exitCodes.usage)
    vi.stubEnv('CLIPLINE_URL', 'http://127.0.0.1:9')
    const { code, stderr } = await clipline('watch', 'x')
    expect(code).toBe(exitCodes.unreachable)
    expect(stderr).toContain('Is “clipline up” running?')
    vi.stubEnv('CLIPLINE_URL', bed.url)
  })

  test('says in a line what the system refuses, with a code of its own where the database is away', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://clipline:secret@127.0.0.1:9/clipline')
    const { code, stderr } = await clipline('migrate', '--json')
    vi.stubEnv('DATABASE_URL', undefined)
    expect(code).toBe(exitCodes.unreachable)
    expect(JSON.parse(stderr)).toMatchObject({ error: 'unreachable', code: 'ECONNREFUSED' })
    expect(stderr).not.toContain('secret')
    expect((await clipline('sandbox', '--port', 'http')).code).toBe(exitCodes.usage)
  })
})
