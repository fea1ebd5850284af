import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canMakeHeic, sampleHeic } from '../integration/media/sample-heic.ts'
import { startTestBed, type TestBed } from '../support/app.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'

interface FinishedJob {
  readonly state: string
  readonly failure: unknown
  readonly artifact: { readonly url: string; readonly sha256: string }
}

describe('a job whose files are kept in S3', () => {
  let server: S3Server
  let bed: TestBed
  beforeAll(async () => {
    server = await startS3Server()
    bed = await startTestBed({ config: { STORAGE_URL: server.storageUrl } })
  })
  afterAll(async () => {
    await bed?.stop()
    await server?.close()
  })

  const uploadInParts = async (file: Buffer): Promise<string> => {
    const tus = { 'tus-resumable': '1.0.0' }
    const created = await bed.fetch('/v1/uploads/resumable', {
      method: 'POST',
      headers: { ...tus, 'upload-length': String(file.length) },
    })
    const url = String(created.headers.get('location'))
    const half = Math.floor(file.length / 2)
    let uploadId: string | null = null
    for (const [from, to] of [
      [0, half],
      [half, file.length],
    ] as const) {
      const response = await bed.fetch(url, {
        method: 'PATCH',
        headers: {
          ...tus,
          'content-type': 'application/offset+octet-stream',
          'upload-offset': String(from),
        },
        body: new Uint8Array(file.subarray(from, to)),
      })
      expect(response.status).toBe(204)
      uploadId = response.headers.get('clipline-upload-id')
    }
    return String(uploadId)
  }

  const run = async (body: object) => {
    const submitted = await bed.fetch('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=60' },
      body: JSON.stringify(body),
    })
    const job = (await submitted.json()) as FinishedJob
    expect([submitted.status, job.failure]).toEqual([200, null])
    return job
  }

  const writesUnder = (part: string) =>
    server.requests.filter((request) => request.startsWith('PUT') && request.includes(part))

  it('delivers its video there, and sends its client there to fetch it', async () => {
    const { artifact } = await run({ prompt: 'a quiet harbor at dawn' })
    const answered = await bed.fetch(new URL(artifact.url).pathname, { redirect: 'manual' })
    expect(answered.status).toBe(302)
    expect(String(answered.headers.get('location')).startsWith(server.origin)).toBe(true)
    const followed = await bed.fetch(new URL(artifact.url).pathname)
    const bytes = Buffer.from(await followed.arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(artifact.sha256)
    expect((await bed.ledger('download')).map(({ sha256 }) => sha256)).toContain(artifact.sha256)
  })

  it.runIf(canMakeHeic)('hands over an upload from there, a HEIC picture converted once', async () => {
    const uploadId = await uploadInParts(await sampleHeic())
    server.requests.length = 0
    const job = await run({
      skill: 'image-to-video-higgsfield',
      prompt: 'a slow push-in',
      inputs: [{ upload_id: uploadId }],
    })
    expect(job.state).toBe('succeeded')
    expect(writesUnder('/inputs/')).toHaveLength(1)
    expect(await bed.ledger('upload')).toMatchObject([{ files: [{ filename: '1-file.jpg' }] }])
    const kept = (await bed.fetch(`/v1/uploads/${uploadId}`).then((response) => response.json())) as object
    expect(kept).toMatchObject({ content_type: 'image/heic', expires_at: null })
    // The video and the upload of this test, the video of the one before: no copy, no piece.
    expect(await server.countFiles()).toBe(3)
  })
})
