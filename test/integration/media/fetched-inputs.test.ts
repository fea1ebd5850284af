import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMediaDesk } from '../../../src/actions/media-desk.ts'
import type { MediaDesk } from '../../../src/actions/stage-context.ts'
import { systemClock } from '../../../src/clock.ts'
import { parseAllowList } from '../../../src/egress/allow-list.ts'
import { createEgress } from '../../../src/egress/client.ts'
import { openMediaInspector } from '../../../src/media/media-inspector.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import type { UploadStore } from '../../../src/store/uploads.ts'
import { makeJob } from '../../support/job.ts'
import { png, text } from '../api/media.ts'

describe('an input that Clipline fetches', () => {
  let desk: MediaDesk
  let origin: string
  let storageDir: string
  const closing: (() => unknown)[] = []
  beforeAll(async () => {
    const files = createServer((request, response) => {
      response.end(request.url?.endsWith('.txt') ? text : png)
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
    ['/', 'file.png'],
  ])('from %s is handed over as %s: with the extension of what it is', async (path, filename) => {
    const opened = await fetchUrl(path)
    expect(opened).toMatchObject({ outcome: 'file', file: { filename, contentType: 'image/png' } })
    if (opened.outcome === 'file') await opened.discard()
  })

  test('is no text, which belongs to a prompt, and then leaves nothing', async () => {
    expect(await fetchUrl('/poem.txt', 'text-to-video-higgsfield')).toMatchObject({
      outcome: 'refused',
      code: 'unsupported_media_type',
      detail: 'text/plain is taken as an upload only: POST /v1/uploads',
    })
    const left = await readdir(storageDir, { recursive: true, withFileTypes: true })
    expect(left.filter((entry) => entry.isFile() && entry.parentPath.includes('inputs'))).toEqual([])
  })
})
