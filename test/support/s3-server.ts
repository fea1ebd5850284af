/**
 * A server that speaks S3, on the loopback interface: s3rver, with what it lacks of the real one. It cannot end or list
 * multipart uploads, takes the range of a first byte for the whole, and lets a file be seen while it is written.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import S3rver, { type S3Store } from 's3rver'

export interface S3Server {
  readonly origin: string
  /** What `STORAGE_URL` is set to. */
  readonly storageUrl: string
  /** Objects, and parts of multipart uploads that were not ended. */
  countFiles(): Promise<number>
  /** Requests that came so far, as `PUT /bucket/key`. */
  readonly requests: string[]
  close(): Promise<void>
}

const bucket = 'clipline-test'

export const startS3Server = async (): Promise<S3Server> => {
  // The only credentials that s3rver knows; the SDK finds them where it always looks.
  process.env['AWS_ACCESS_KEY_ID'] = 'S3RVER'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'S3RVER'
  const directory = await mkdtemp(join(tmpdir(), 'clipline-s3-'))
  const s3 = new S3rver({
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  })
  await s3.configureBuckets()
  writeAtOnce(s3.store)
  readFirstByte(s3.store)
  const answer = s3.callback()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://s3')
    requests.push(`${request.method} ${url.pathname}`)
    const uploadId = url.searchParams.get('uploadId')
    if (request.method === 'DELETE' && uploadId !== null) void endUpload(s3.store, uploadId, response)
    else if (request.method === 'GET' && url.searchParams.has('uploads')) void listUploads(s3.store, response)
    else answerUnlessCut(answer, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    storageUrl: `s3://${bucket}/media?endpoint=${origin}`,
    requests,
    async countFiles() {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true })
      return entries.filter(({ name }) => name.endsWith('_S3rver_object') || /^\d+$/.test(name)).length
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

const answerUnlessCut = (answer: Listener, request: IncomingMessage, response: ServerResponse): void => {
  request.on('error', () => undefined)
  answer(request, response)
}

const uploadsFolder = (store: S3Store): string => store.getResourcePath(bucket, undefined, 'uploads')

const endUpload = async (store: S3Store, uploadId: string, response: ServerResponse): Promise<void> => {
  await rm(join(uploadsFolder(store), uploadId), { recursive: true, force: true, maxRetries: 10 })
  response.writeHead(204).end()
}

const listUploads = async (store: S3Store, response: ServerResponse): Promise<void> => {
  const folder = uploadsFolder(store)
  const ids = await readdir(folder).catch(() => [])
  const uploads = await Promise.all(
    ids.map(async (id) => {
      const key = await readFile(join(folder, id, 'key'), 'utf8')
      const { birthtime } = await stat(join(folder, id))
      return `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${birthtime.toISOString()}</Initiated></Upload>`
    }),
  )
  const body = `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`
  response.writeHead(200, { 'content-type': 'application/xml' }).end(body)
}

/** An object is there whole or not at all. */
const writeAtOnce = (store: S3Store): void => {
  store.putObject = async ({ bucket: name, key, content, metadata }) => {
    const bytes = Buffer.isBuffer(content) ? content : await buffer(content)
    const md5 = createHash('md5').update(bytes).digest('hex')
    const path = store.getResourcePath(name, key, 'object')
    const temporary = join(dirname(path), `${randomBytes(8).toString('hex')}.tmp`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, bytes)
    await rename(temporary, path)
    await store.putMetadata(name, key, metadata, md5)
    return { size: bytes.length, md5 }
  }
}

const readFirstByte = (store: S3Store): void => {
  const getObject = store.getObject.bind(store)
  store.getObject = async (name, key, options) => {
    if (options?.end !== 0) return getObject(name, key, options)
    const object = await getObject(name, key, { start: 0, end: 1 })
    if (object === null || Buffer.isBuffer(object.content)) return object
    object.content.destroy()
    object.content = createReadStream(store.getResourcePath(name, key, 'object'), { start: 0, end: 0 })
    object.range = { start: 0, end: 0 }
    return object
  }
}
