/** The upper bound of an upload: a body hashed and written to a file, with nothing around it. A process of its own. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const folder = process.env['BENCH_FOLDER'] ?? ''

const server = createServer((request, response) => {
  void take(request).then((sha256) => response.writeHead(201).end(sha256))
})

const take = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const path = join(folder, 'bare')
  const hash = createHash('sha256')
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(hashed, createWriteStream(path))
  const file = await open(path, 'r+')
  await file.datasync()
  await file.close()
  await rm(path)
  return hash.digest('hex')
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', port })
})
