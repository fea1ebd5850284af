/**
 * A receiver to try callbacks with: verifies each, prints the first good one, and ends.
 *
 *   CALLBACK_SECRET=whsec_… node docs/examples/receive-callback.js [port]
 */
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { isVerified } from './verify-callback.js'

const secret = process.env.CALLBACK_SECRET ?? ''
const port = Number(process.argv[2] ?? 9000)

const server = createServer(async (request, response) => {
  const body = await buffer(request)
  if (!isVerified(secret, request.headers, body)) {
    response.writeHead(400).end()
    return
  }
  // Any 2xx says that it has arrived. Answer first, work later: there are 15 seconds.
  response.writeHead(204).end()
  const { type, data } = JSON.parse(body.toString())
  console.log(`${type} of ${data.job.id}, verified, as ${request.headers['webhook-id']}`)
  server.close()
  server.closeIdleConnections()
})
server.listen(port, '127.0.0.1')
