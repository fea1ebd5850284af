import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeJpeg } from '../../src/media/jpeg/encoder.ts'
import { startTestBed, type TestBed, testApiKey } from '../support/app.ts'
import { wav } from '../unit/media/sample-files.ts'

const page = fileURLToPath(new URL('../../docs/uploads.md', import.meta.url))

describe('the commands of the page about uploads', () => {
  let bed: TestBed
  let folder: string
  let printed: string
  beforeAll(async () => {
    bed = await startTestBed({ roles: ['api'] })
    folder = await mkdtemp(join(tmpdir(), 'clipline-docs-'))
    const gray = { width: 64, height: 48, rgba: Buffer.alloc(64 * 48 * 4, 128) }
    await writeFile(join(folder, 'photo.jpg'), encodeJpeg(gray, 80))
    // What it holds is what counts, not its name.
    await writeFile(join(folder, 'clip.mp4'), wav(20))
    const blocks = [...(await readFile(page, 'utf8')).matchAll(/^```sh\n(.*?)^```$/gms)]
    printed = await runInOneShell(blocks.map(([, block = '']) => block))
  })
  afterAll(async () => {
    await bed?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const runInOneShell = async (blocks: readonly string[]): Promise<string> => {
    const shell = spawn('bash', ['--norc', '-e', '-o', 'pipefail', '-c', blocks.join('\n')], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        CLIPLINE_URL: bed.url,
        CLIPLINE_API_KEY: testApiKey,
      },
    })
    const ended = new Promise<number | null>((resolve) => shell.once('close', resolve))
    const [output, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    expect([await ended, complaints]).toEqual([0, ''])
    return output
  }

  it('upload a picture as a form and as a body, and a larger file in parts', async () => {
    const uploads = await bed.fetch('/v1/uploads').then((response) => response.json())
    const types = (uploads as { data: { content_type: string }[] }).data.map((upload) => upload.content_type)
    expect(types.toSorted()).toEqual(['audio/wav', 'image/jpeg', 'image/jpeg'])
    expect(printed).toMatch(/^clipline-upload-id: upl_/im)
  })
})
