import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeJpeg } from '../../src/media/jpeg/encoder.ts'
import { startTestBed, type TestBed, testApiKey } from '../support/app.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The shell blocks of the README's examples, in order. */
const readExamples = async (): Promise<string[]> => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, examples = ''] = /<!-- begin examples.*?-->(.*?)<!-- end examples -->/s.exec(readme) ?? []
  return [...examples.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
}

const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const separator = '---8<---'

describe('the examples of the README', () => {
  let bed: TestBed
  let folder: string
  let answers: readonly string[]

  beforeAll(async () => {
    bed = await startTestBed()
    folder = await mkdtemp(join(tmpdir(), 'clipline-readme-'))
    await symlink(join(root, 'docs'), join(folder, 'docs'))
    const gray = { width: 64, height: 48, rgba: Buffer.alloc(64 * 48 * 4, 128) }
    await writeFile(join(folder, 'photo.jpg'), encodeJpeg(gray, 80))
    answers = await runInOneShell(await readExamples())
  })

  afterAll(async () => {
    await bed?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** What each block printed; the first one that fails ends them all. */
  const runInOneShell = async (blocks: readonly string[]): Promise<string[]> => {
    const port = await findFreePort()
    const script = blocks
      .join(`\necho '${separator}'\n`)
      .replaceAll('http://127.0.0.1:8080', bed.url)
      .replaceAll(/\b9000\b/g, String(port))
    const shell = spawn('bash', ['-e', '-c', script], {
      cwd: folder,
      env: {
        PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
        CLIPLINE_API_KEY: testApiKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [output, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    const printed = output.split(`${separator}\n`)
    if (printed.length !== blocks.length)
      throw new Error(`block ${printed.length} of ${blocks.length} failed:\n${output}\n${complaints}`)
    return printed
  }

  it('follow a job to its end', () => {
    const ids = [...(answers[1] ?? '').matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    expect(ids).toEqual(ids.map((_, index) => index + 1))
    expect(answers[1]).toContain('event: job.succeeded')
  })

  it('take up a stream after the fifth event', () => {
    expect(answers[2]).toMatch(/^retry: \d+\n\nid: 6\n/)
    expect(answers[2]).toContain('event: job.succeeded')
  })

  it('wait for the job and fetch its file', async () => {
    const { state, artifact } = JSON.parse(await readFile(join(folder, 'job.json'), 'utf8'))
    expect(state).toBe('succeeded')
    expect((await readFile(join(folder, 'video.mp4'))).length).toBe(artifact.size_bytes)
  })

  it('upload a photo and ask what its job would cost', () => {
    expect(JSON.parse(answers[5] ?? '')).toMatchObject({ valid: true, estimate: { credits: 100 } })
  })

  it('find the job by its metadata', () => {
    const { data } = JSON.parse(answers[6] ?? '')
    expect(data).toMatchObject([{ state: 'succeeded', metadata: { order: '42' } }])
  })

  it('cancel a job that nobody works on', () => {
    expect(JSON.parse(answers[7] ?? '')).toMatchObject({ outcome: 'canceled', job: { state: 'canceled' } })
  })

  it('receive a callback and verify it', () => {
    expect(answers[8]).toMatch(/^job\.succeeded of job_\S+, verified, as evt_\S+$/m)
  })
})
