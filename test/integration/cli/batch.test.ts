import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { startTestBed, type TestBed, testApiKey } from '../../support/app.ts'
import { clipline, jsonOf, toObjects } from './command.ts'

const tomorrow = new Date(Date.now() + 86_400_000).toISOString()

let bed: TestBed
let folder: string
beforeAll(async () => {
  bed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'clipline-batch-'))
  vi.stubEnv('CLIPLINE_URL', bed.url)
  vi.stubEnv('CLIPLINE_API_KEY', testApiKey)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await bed?.stop()
  await rm(folder, { recursive: true, force: true })
})

const write = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

describe('clipline batch', () => {
  test('submits a table, follows it, and gives its results', async () => {
    const file = await write('clips.csv', 'custom_id,prompt\na,a fox\nb,a boat\n')
    const { code, stdout, stderr } = await clipline('batch', 'submit', file, '--name', 'two', '--wait')
    expect(code).toBe(exitCodes.ok)
    expect(stdout).toMatch(/^bat_\S+\ncompleted: 2 of 2 ended, 200 credits\n$/)
    expect(stderr).toContain('2 accepted, 0 rejected')
    const id = stdout.split('\n')[0] ?? ''
    const results = toObjects((await clipline('batch', 'results', id)).stdout)
    expect(results.map(({ custom_id }) => custom_id)).toEqual(['a', 'b'])
    expect((await clipline('batch', 'results', id, '--format', 'csv')).stdout).toMatch(/^line,custom_id,/)
    expect((await clipline('batch', 'errors', id)).stdout).toBe('')
    expect((await clipline('batch', 'show', id)).stdout).toContain('completed: 2 of 2 ended')
    expect((await clipline('batch', 'list', '--state', 'completed')).stdout).toMatch(
      /two +completed +2 +2 +0 +200/,
    )
    expect((await jsonOf('batch', 'watch', id)).at(-1)).toMatchObject({ id, state: 'completed' })
  })

  test('shows bad lines, and fails when not every line succeeded', async () => {
    const file = await write('some.jsonl', '{"prompt": "a fox"}\n{"prompt": ""}\nnonsense\n')
    const { code, stderr } = await clipline('batch', 'submit', file, '--wait')
    expect(code).toBe(exitCodes.jobFailed)
    expect(stderr).toContain('1 accepted, 2 rejected')
    expect(stderr).toMatch(/ {2}line 2: \/prompt .+\n {2}line 3: /)
    const [all] = await jsonOf('batch', 'submit', file, '--all-or-nothing')
    expect(all).toMatchObject({ lines: { rejected: 2 }, batch: { all_or_nothing: true } })
  })

  test('cancels and redrives', async () => {
    const later = { prompt: 'x', run_at: tomorrow }
    const file = await write('later.json', JSON.stringify([later, later]))
    const id = (await clipline('batch', 'submit', file)).stdout.trim()
    expect(await jsonOf('batch', 'cancel', id)).toMatchObject([{ id }])
    const watched = await clipline('batch', 'watch', id)
    expect(watched).toMatchObject({ code: exitCodes.jobFailed })
    expect(watched.stdout).toContain('canceled: 2 of 2 ended, 2 canceled')
    await bed.setFault({ set: { 'render.fail': true }, times: 2 })
    const failing = await write('failing.ndjson', '{"prompt": "a fox"}\n')
    const [{ batch }] = await jsonOf('batch', 'submit', failing)
    expect((await clipline('batch', 'watch', batch.id)).code).toBe(exitCodes.jobFailed)
    expect(toObjects((await clipline('batch', 'errors', batch.id)).stdout)).toMatchObject([
      { failure: { code: 'render_failed' } },
    ])
    await clipline('batch', 'redrive', batch.id, '--failure-code', 'render_failed')
    expect((await clipline('batch', 'watch', batch.id)).code).toBe(exitCodes.ok)
  })

  test('makes nothing of a file, or of an input, without lines', async () => {
    const before = await clipline('batch', 'list')
    for (const [name, text] of [
      ['none.ndjson', ''],
      ['blank.ndjson', '\n \r\n\ufeff\n'],
      ['names.csv', '\ufeffcustom_id,prompt\r\n\r\n'],
      ['none.json', ' [\n]\n'],
    ] as const) {
      const { code, stdout, stderr } = await clipline('batch', 'submit', await write(name, text))
      expect([name, code, stdout]).toEqual([name, exitCodes.usage, ''])
      expect(stderr).toContain('holds no lines')
    }
    const stdin = vi.spyOn(process, 'stdin', 'get')
    onTestFinished(() => stdin.mockRestore())
    const piped = (...chunks: readonly string[]) =>
      stdin.mockReturnValue(Readable.from(chunks.map((chunk) => Buffer.from(chunk))) as typeof process.stdin)
    piped(' \n', '\n')
    expect((await clipline('batch', 'submit', '-')).stderr).toContain('stdin holds no lines')
    expect(await clipline('batch', 'list')).toEqual(before)
    piped('\n', '{"prompt": "a ', 'fox"}\n', '{"prompt": "a boat"}')
    expect((await clipline('batch', 'submit', '-')).stderr).toContain('2 accepted, 0 rejected')
  })

  test('refuses what cannot be meant', async () => {
    const file = await write('x.ndjson', '')
    for (const args of [
      [],
      ['submit'],
      ['submit', file, '--format', 'xml'],
      ['results', 'bat_x', '--format', 'json'],
      ['burn', 'bat_x'],
      ['list', 'bat_x'],
    ])
      expect(await clipline('batch', ...args)).toMatchObject({ code: exitCodes.usage })
    const table = await write('wrong.csv', 'prompt,nonsense\na fox,1\n')
    const { code, stderr } = await clipline('batch', 'submit', table, '--json')
    expect(code).toBe(exitCodes.refused)
    expect(toObjects(stderr)).toMatchObject([{ error: 'refused', batch_id: expect.stringMatching(/^bat_/) }])
    const missing = await clipline('batch', 'submit', join(folder, 'none.csv'))
    expect(missing).toMatchObject({ code: exitCodes.usage, stdout: '' })
    expect((await clipline('batch', 'show', 'bat_x')).code).toBe(exitCodes.refused)
  })
})
