import { createSign, generateKeyPairSync } from 'node:crypto'

/** A key and a self-signed certificate in PEM, as `node:https` takes them. */
export interface TestCertificate {
  readonly key: string
  readonly cert: string
}

const der = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents)
  const length =
    content.length < 128
      ? Buffer.of(content.length)
      : Buffer.of(0x82, content.length >> 8, content.length & 0xff)
  return Buffer.concat([Buffer.of(tag), length, content])
}
const sequence = (...contents: Buffer[]): Buffer => der(0x30, ...contents)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text, 'ascii'))

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const commonName = oid('550403')
const subjectAltName = oid('551d11')
const basicConstraints = oid('551d13')

/** Made anew for each run, so that no private key lies in the repository. Valid from 2020 to 2049 for one DNS name. */
export const createTestCertificate = (dnsName: string): TestCertificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(dnsName)))))
  const extensions = sequence(
    sequence(subjectAltName, der(0x04, sequence(der(0x82, Buffer.from(dnsName, 'ascii'))))),
    sequence(basicConstraints, der(0x04, sequence(der(0x01, Buffer.of(0xff))))),
  )
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    name,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = createSign('sha256').update(toSign).sign(privateKey)
  const certificate = sequence(toSign, ecdsaWithSha256, der(0x03, Buffer.of(0), signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}
