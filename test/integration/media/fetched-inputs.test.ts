import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMediaDesk, type MediaDeskDeps } from '../../../src/actions/media-desk.ts'
import type { MediaDesk } from '../../../src/actions/stage-context.ts'
import { systemClock } from '../../../src/clock.ts'
import { parseAllowList } from '../../../src/egress/allow-list.ts'
import { createEgress } from '../../../src/egress/client.ts'
import { openMediaInspector } from '../../../src/media/media-inspector.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import type { UploadStore } from '../../../src/store/uploads.ts'
import { makeJob } from '../../support/job.ts'
import { bytes, fileType } from '../../unit/media/sample-files.ts'
import { png, text } from '../api/media.ts'

describe('an input that Clipline fetches', () => {
  let desk: MediaDesk
  let origin: string
  let storageDir: string
  const closing: (() => unknown)[] = []
  beforeAll(async () => {
    const heic = bytes(fileType('heic'), [0, 0, 0, 8], 'mdat')
    const files = createServer((request, response) => {
      if (request.url?.endsWith('.heic')) response.end(heic)
      else if (request.url === '/large')
        response.writeHead(200, { 'content-length': 200_000_001 }).flushHeaders()
      else if (request.url === '/growing') response.write(png, () => response.end(Buffer.alloc(20_000_000)))
      else if (request.url === '/broken') response.write(png, () => response.destroy())
      else if (request.url === '/gone') response.writeHead(404).end()
      else response.end(request.url?.endsWith('.txt') ? text : png)
    })
    await new Promise<void>((listening) => files.listen(0, '127.0.0.1', listening))
    origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
    storageDir = await mkdtemp(join(tmpdir(), 'clipline-inputs-'))
    const clock = systemClock
    const allow = parseAllowList('127.0.0.1/32')
    if (!allow.ok) throw new Error('the addresses are wrong')
    const egress = createEgress({ allow: allow.allow, clock })
    const inspector = openMediaInspector({ clock })
    const storage = await openStorage(`file:${storageDir}`, { clock })
    const uploads: Pick<UploadStore, 'find'> = { find: () => Promise.resolve(null) }
    desk = createMediaDesk({ storage, inspector, egress, clock, uploads: uploads as UploadStore })
    closing.push(
      () => files.close(),
      egress.close,
      inspector.close,
      () => rm(storageDir, { recursive: true }),
    )
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })

  const fetchUrl = (path: string, skill = 'free-video-generation-api') =>
    desk.fetchUrl(makeJob({ request: { skill } }), `${origin}${path}`, new AbortController().signal)

  test.each([
    ['/fox.png', 'fox.png'],
    ['/fox.mp4', 'fox.png'],
    ['/fox?id=1', 'fox.png'],
    ['/%C3%A9t%C3%A9%20fox.png', 'été fox.png'],
    ['/', 'file.png'],
  ])('from %s is handed over as %s: with the extension of what it is', async (path, filename) => {
    const opened = await fetchUrl(path)
    expect(opened).toMatchObject({ outcome: 'file', file: { filename, contentType: 'image/png' } })
    if (opened.outcome === 'file') await opened.discard()
  })

  const listLeft = async (): Promise<readonly string[]> => {
    const entries = await readdir(storageDir, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && entry.parentPath.includes('inputs'))
      .map(({ name }) => name)
  }

  test('that is a text becomes words of the prompt, and is kept until they are sent', async () => {
    const job = makeJob({ request: { skill: 'text-to-video-higgsfield' } })
    const url = `${origin}/poem.txt`
    expect(await desk.readFetchedText(job, url)).toBeNull()
    const opened = await desk.fetchUrl(job, url, new AbortController().signal)
    expect(opened).toEqual({ outcome: 'text', text: text.toString() })
    expect(await desk.readFetchedText(job, url)).toBe(text.toString())
    expect(await listLeft()).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.txt$/)])
  })

  test('that is a picture has no words', async () => {
    const job = makeJob({ request: { skill: 'free-video-generation-api' } })
    await desk.fetchUrl(job, `${origin}/fox.png`, new AbortController().signal)
    expect(await desk.readFetchedText(job, `${origin}/fox.png`)).toBeNull()
  })

  test('that is a HEIC is to become a JPEG, and leaves nothing where that cannot be', async () => {
    const before = await listLeft()
    expect(await fetchUrl('/photo.heic', 'image-to-video-higgsfield')).toMatchObject({
      outcome: 'refused',
      code: 'unsupported_media_type',
    })
    expect(await listLeft()).toEqual(before)
  })

  test.each([
    ['is larger than its skill accepts', '/large', 'media_too_large'],
    ['grows larger than that', '/growing', 'media_too_large'],
    ['breaks off', '/broken', 'input_unreachable'],
    ['is not there', '/gone', 'input_unreachable'],
  ])('that %s is refused for that, and leaves nothing', async (_name, path, code) => {
    const before = await listLeft()
    expect(await fetchUrl(path, 'image-to-video-higgsfield')).toMatchObject({ outcome: 'refused', code })
    expect(await listLeft()).toEqual(before)
  })

  test('whose fetching is interrupted is not blamed for it', async () => {
    const caller = new AbortController()
    const opening = desk.fetchUrl(makeJob(), `${origin}/fox.png`, caller.signal)
    caller.abort(new Error('the worker stops'))
    await expect(opening).rejects.toThrow('the worker stops')
  })

  test('is refused where its skill takes no text, and then leaves nothing', async () => {
    const before = await listLeft()
    expect(await fetchUrl('/poem.txt', 'image-to-video-higgsfield')).toMatchObject({
      outcome: 'refused',
      code: 'unsupported_media_type',
    })
    expect(await listLeft()).toEqual(before)
  })
})

test('an artifact that cannot be looked into leaves nothing, and is not taken for the fault of the storage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clipline-artifacts-'))
  const storage = await openStorage(`file:${folder}`, { clock: systemClock })
  const inspector = { probeVideo: () => Promise.reject(new Error('no thread can be had')) }
  const deps = { storage, inspector, clock: systemClock } as unknown as MediaDeskDeps
  const download = { body: Readable.from([png]), sizeBytes: png.length, contentType: 'video/mp4' }
  const stored = await createMediaDesk(deps).storeArtifact(makeJob(), download, new AbortController().signal)
  expect(stored).toMatchObject({ outcome: 'invalid' })
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
  expect(files).toEqual([])
  await rm(folder, { recursive: true })
})
