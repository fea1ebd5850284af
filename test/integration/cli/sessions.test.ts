import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { startTestBed, type TestBed, testApiKey } from '../../support/app.ts'
import { clipline, jsonOf, toObjects } from './command.ts'

const entry = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

let bed: TestBed
let folder: string
beforeAll(async () => {
  bed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'clipline-sessions-'))
  vi.stubEnv('CLIPLINE_URL', bed.url)
  vi.stubEnv('CLIPLINE_API_KEY', testApiKey)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await bed?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('clipline sessions', () => {
  test('holds a conversation message by message', async () => {
    const id = (await clipline('sessions', 'new', '--language', 'en')).stdout.trim()
    const made = await clipline('sessions', 'say', id, 'a 5-second clip of a fox')
    expect(made.code).toBe(exitCodes.ok)
    expect(made.stdout).toContain('✓ generate')
    expect((await clipline('sessions', 'say', id, 'credits')).stdout).toMatch(/\d+ credits available/)
    expect((await clipline('sessions', 'timeline', id)).stdout).toMatch(/^Timeline/)
    expect((await clipline('sessions', 'timeline', id, '--format', 'vtt')).stdout).toMatch(/^WEBVTT/)
    const file = join(folder, 'clip.mp4')
    expect((await clipline('sessions', 'export', id, '--out', file)).stdout).toContain(`Saved ${file}`)
    expect((await readFile(file)).length).toBeGreaterThan(0)
    expect(await jsonOf('sessions', 'list')).toMatchObject([{ id }])
    const said = await jsonOf('sessions', 'messages', id)
    expect(said.map(({ role }) => role).slice(0, 2)).toEqual(['user', 'assistant'])
    expect((await jsonOf('sessions', 'say', id, 'status')).at(-1)).toMatchObject({ action: 'status' })
  })

  test('chats line by line', async () => {
    const child = spawn(process.execPath, [entry, 'sessions', 'chat'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], CLIPLINE_URL: bed.url, CLIPLINE_API_KEY: testApiKey },
    })
    child.stdin.end('/save x.mp4\na boat on a lake\nexport\n/save boat.mp4\n/dance\n/quit\n')
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect(stderr).toBe('')
    expect(stdout).toContain('! nothing was rendered yet')
    expect(stdout).toContain('✓ render')
    expect(stdout).toContain(`Saved ${join(folder, 'boat.mp4')}`)
    expect(stdout).toContain('! there is no /dance')
    expect(await ended).toEqual([exitCodes.ok, null])
  })

  test('chats with one JSON object a line for each event and each answer, and nothing else on stdout', async () => {
    const child = spawn(process.execPath, [entry, 'sessions', 'chat', '--json'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], CLIPLINE_URL: bed.url, CLIPLINE_API_KEY: testApiKey },
    })
    child.stdin.end('status\n/dance\na boat on a lake\nexport\n/save json.mp4\n')
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    const told = toObjects(stdout)
    const session = told[0]
    expect(session).toMatchObject({ id: expect.stringMatching(/^ses_/) })
    const answers = told.filter(({ action }) => action !== undefined)
    expect(answers.map(({ action }) => action)).toEqual(['status', 'generate', 'export'])
    const events = told.filter(({ seq }) => seq !== undefined)
    expect(new Set(events.map(({ job_id }) => job_id))).toEqual(
      new Set(answers.slice(1).map(({ job }) => job.id)),
    )
    expect(told.at(-1)).toEqual({ file: join(folder, 'json.mp4') })
    expect(told).toHaveLength(1 + answers.length + events.length + 1)
    expect(toObjects(stderr)).toMatchObject([{ error: 'usage', message: expect.stringContaining('/dance') }])
    expect(await ended).toEqual([exitCodes.ok, null])
    const [rendered] = await jsonOf('sessions', 'exports', session.id)
    expect(rendered.id).toBe(answers.at(-1).job.id)
    expect((await clipline('sessions', 'exports', session.id)).stdout).toMatch(
      /^id .+url\njob_\S+ +succeeded/,
    )
    expect((await clipline('sessions', 'chat', 'ses_x')).code).toBe(exitCodes.refused)
  })

  test('refuses what cannot be meant', async () => {
    for (const args of [[], ['say'], ['say', 'ses_x'], ['new', 'x'], ['dance', 'ses_x'], ['toString', 'x']])
      expect(await clipline('sessions', ...args)).toMatchObject({ code: exitCodes.usage })
    expect((await clipline('sessions', 'say', 'ses_x', 'a fox')).code).toBe(exitCodes.refused)
  })
})
