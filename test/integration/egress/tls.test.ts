import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTestCertificate, type TestCertificate } from './certificate.ts'
import { startReceiver } from './receiver.ts'
import { downloadFrom, requestTo, setupEgress } from './setup.ts'

const certificate = createTestCertificate('hooks.example.com')

const trust = ({ cert }: TestCertificate): void => {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert])
  onTestFinished(() => setDefaultCACertificates(before))
}

const setup = async () => {
  const receiver = await startReceiver((_request, response) => response.end('ok'), { certificate })
  const names = { 'hooks.example.com': ['127.0.0.1'], 'other.example.com': ['127.0.0.1'] }
  return { receiver, ...setupEgress({ allow: '127.0.0.1', names }) }
}

test('a pinned connection keeps the name for the certificate and the Host header', async () => {
  trust(certificate)
  const { receiver, egress } = await setup()
  const result = await egress.request(requestTo(`https://hooks.example.com:${receiver.port}/`))
  expect(result).toMatchObject({ outcome: 'response', statusCode: 200 })
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example.com:${receiver.port}`)
})

test('a certificate for another name is refused before anything is sent', async () => {
  trust(certificate)
  const { receiver, egress } = await setup()
  const result = await egress.request(requestTo(`https://other.example.com:${receiver.port}/`))
  expect(result).toEqual({ outcome: 'unreachable', cause: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  expect(receiver.received).toEqual([])
})

test('a certificate that nobody vouches for is refused, whatever the environment says', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { receiver, egress } = await setup()
  const result = await egress.request(requestTo(`https://hooks.example.com:${receiver.port}/`))
  expect(result).toEqual({ outcome: 'unreachable', cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(receiver.received).toEqual([])
})

test('plain HTTP on a TLS port is no answer', async () => {
  const { receiver, egress } = await setup()
  expect(await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))).toMatchObject({
    outcome: 'unreachable',
  })
})

test('a redirect from https to http is refused, even to an allowed address', async () => {
  trust(certificate)
  const plain = await startReceiver((_request, response) => response.end('ok'))
  const secure = await startReceiver(
    (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${plain.port}/` }).end(),
    { certificate },
  )
  const { egress } = setupEgress({ allow: '127.0.0.1', names: { 'hooks.example.com': ['127.0.0.1'] } })
  expect(await egress.download(downloadFrom(`https://hooks.example.com:${secure.port}/`))).toEqual({
    outcome: 'refused',
  })
  expect([secure.received.length, plain.connections]).toEqual([1, 0])
})
