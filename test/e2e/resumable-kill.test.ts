import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testApiKey, testEnvironment } from '../support/app.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type CliplineProcess, startClipline } from '../support/process.ts'
import { png } from '../unit/media/sample-files.ts'

const mebibyte = 1024 * 1024
const head = png()
const file = Buffer.concat([head, randomBytes(20 * mebibyte - head.length)])
const headers = { authorization: `Bearer ${testApiKey}`, 'tus-resumable': '1.0.0' }

describe('a resumable upload, when the process that takes it is killed', () => {
  let database: TestDatabase
  let dataDir: string
  const started: CliplineProcess[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'clipline-kill-'))
  })
  afterAll(async () => {
    for (const clipline of started) clipline.signal('SIGKILL')
    await Promise.all(started.map(({ ended }) => ended))
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  const startApi = async (): Promise<{ api: CliplineProcess; url: string }> => {
    const api = await startClipline(['api', '--json'], {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      NEMO_API_URL: 'http://127.0.0.1:1',
      ...testEnvironment,
    })
    started.push(api)
    return { api, url: String(api.ready['url']) }
  }

  const offsetAt = async (url: string): Promise<number> => {
    const response = await fetch(url, { method: 'HEAD', headers })
    expect(response.status).toBe(200)
    return Number(response.headers.get('upload-offset'))
  }

  it('goes on from what was kept, in another process, and comes out whole', async () => {
    const first = await startApi()
    const created = await fetch(`${first.url}/v1/uploads/resumable`, {
      method: 'POST',
      headers: { ...headers, 'upload-length': String(file.length) },
    })
    const { pathname } = new URL(String(created.headers.get('location')))
    const patch = { ...headers, 'content-type': 'application/offset+octet-stream' }
    const cut = request(first.url + pathname, {
      method: 'PATCH',
      headers: { ...patch, 'upload-offset': '0', 'content-length': String(file.length) },
    })
    cut.on('error', () => undefined)
    cut.write(file.subarray(0, 16 * mebibyte))
    await expect
      .poll(() => offsetAt(first.url + pathname), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(12 * mebibyte)
    first.api.signal('SIGKILL')
    await first.api.ended

    const second = await startApi()
    const offset = await offsetAt(second.url + pathname)
    expect(offset).toBeGreaterThanOrEqual(12 * mebibyte)
    expect(offset).toBeLessThanOrEqual(16 * mebibyte)
    const rest = await fetch(second.url + pathname, {
      method: 'PATCH',
      headers: { ...patch, 'upload-offset': String(offset) },
      body: new Uint8Array(file.subarray(offset)),
    })
    expect(rest.status).toBe(204)
    const id = rest.headers.get('clipline-upload-id')
    const upload = await fetch(`${second.url}/v1/uploads/${id}`, { headers })
    expect(await upload.json()).toMatchObject({
      size_bytes: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
    })
    const kept = await readdir(join(dataDir, 'media'), { recursive: true })
    expect(kept.filter((name) => /upl_.*\.png$/.test(name))).toHaveLength(1)
  })
})
