import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/cli/exit.ts'
import { startTestBed, type TestBed, testApiKey } from '../support/app.ts'

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

describe('the command as a process of its own', () => {
  let bed: TestBed
  beforeAll(async () => {
    bed = await startTestBed()
  })
  afterAll(() => bed?.stop())

  const start = (...args: readonly string[]) => startWith([], ...args)

  const startWith = (nodeArgs: readonly string[], ...args: readonly string[]) =>
    spawn(process.execPath, [...nodeArgs, entry, ...args], {
      env: { PATH: process.env['PATH'], CLIPLINE_URL: bed.url, CLIPLINE_API_KEY: testApiKey },
    })

  const run = async (stdin: string, ...args: readonly string[]) => {
    const child = start(...args)
    child.stdin.end(stdin)
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [code] = await ended
    return { code, stdout, stderr }
  }

  it('makes a video of a prompt and ends by itself', async () => {
    const { code, stdout, stderr } = await run('', 'submit', 'a fox in the snow', '--wait')
    expect({ code, stderr }).toEqual({ code: exitCodes.ok, stderr: '' })
    expect(stdout).toMatch(/^job_\S+\n[\s\S]*✓ deliver[\s\S]*\/v1\/artifacts\/art_\S+\/content\n$/)
  })

  it('takes the lines of a batch from a pipe, and says in its exit code that one was bad', async () => {
    const { code, stdout, stderr } = await run(
      '{"prompt": "a fox"}\n{"prompt": ""}\n',
      'batch',
      'submit',
      '-',
      '--wait',
    )
    expect(code).toBe(exitCodes.jobFailed)
    expect(stdout).toMatch(/^bat_\S+\ncompleted with errors: 1 of 1 ended, 1 line rejected, 100 credits\n$/)
    expect(stderr).toContain('line 2: /prompt')
  })

  it('ends although something that was forgotten goes on', async () => {
    const forgotten = 'data:text/javascript,setInterval(() => undefined, 60_000)'
    const child = startWith(['--import', forgotten], '--version')
    const [stdout, ending] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect(ending).toEqual([0, null])
    expect(stdout).toMatch(/^\S+\n$/)
  })

  it('ends quietly when nobody reads on', async () => {
    const child = start('openapi')
    const stderr = text(child.stderr)
    const ended = once(child, 'close')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await ended).toEqual([0, null])
    expect(await stderr).toBe('')
  })

  it('fails as JSON with --json', async () => {
    const { code, stdout, stderr } = await run('', 'watch', 'job_x', '--json')
    expect({ code, stdout }).toEqual({ code: exitCodes.refused, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({ error: 'refused', code: 'not_found', status: 404 })
  })
})
