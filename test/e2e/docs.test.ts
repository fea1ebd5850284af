import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeJpeg } from '../../src/media/jpeg/encoder.ts'
import { startTestBed, type TestBed, testApiKey } from '../support/app.ts'
import { wav } from '../unit/media/sample-files.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** The shell blocks of a page, in order: one session of a reader who tries them. `console` blocks are for the eye. */
const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => {
    const page = readFileSync(join(root, 'docs', name), 'utf8')
    return { name, blocks: [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block) }
  })
  .filter(({ blocks }) => blocks.length > 0)

describe('the commands of the docs', () => {
  let bed: TestBed
  let folder: string
  beforeAll(async () => {
    bed = await startTestBed()
    folder = await mkdtemp(join(tmpdir(), 'clipline-docs-'))
    await symlink(join(root, 'docs'), join(folder, 'docs'))
    const gray = { width: 64, height: 48, rgba: Buffer.alloc(64 * 48 * 4, 128) }
    await writeFile(join(folder, 'photo.jpg'), encodeJpeg(gray, 80))
    await writeFile(join(folder, 'clip.mp4'), wav(20))
  })
  afterAll(async () => {
    await bed?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = async (blocks: readonly string[]) => {
    // After each block it says that it got that far; the first one that fails ends them all.
    const script = blocks
      .map((block, index) => `${block}\necho "block ${index + 1} is done" >&3`)
      .join('\n')
      .replaceAll('http://127.0.0.1:8080', bed.url)
      // No test asks a real resolver.
      .replaceAll('https://example.com/', 'http://127.0.0.1:9/')
    const shell = spawn('bash', ['--norc', '-e', '-o', 'pipefail', '-c', script], {
      cwd: folder,
      env: {
        PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
        CLIPLINE_URL: bed.url,
        CLIPLINE_API_KEY: testApiKey,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    const [said, output, complaints] = await Promise.all(
      [shell.stdio[3], shell.stdout, shell.stderr].map((stream) => text(stream as Readable)),
    )
    return { count: (said ?? '').split('\n').length - 1, output: `${output}\n${complaints}` }
  }

  it.each(pages)('work as they stand in $name', async ({ name, blocks }) => {
    if (!hasOpenssl && blocks.some((block) => block.includes('openssl'))) {
      console.warn(`openssl is not installed: the commands of ${name} were left out`)
      return
    }
    const { count, output } = await run(blocks)
    expect(count, `block ${count + 1} failed:\n${output}`).toBe(blocks.length)
  })
})
