import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { parseAddress } from '../../../src/egress/address.ts'

/** The addresses of a name (none: no such name), `broken` for SERVFAIL, or `silent`. Asked at every query. */
export type Zone = (name: string) => readonly string[] | 'broken' | 'silent'

const typeA = 1
const typeAaaa = 28
const classInternet = 1
const pointerToQuestion = 0xc00c
const noError = 0x8180
const serverFailure = 0x8182
const noSuchName = 0x8183

/** A resolver of the test's own, asking a real DNS server on loopback that answers with a TTL of 0. */
export const startDns = async (zone: Zone): Promise<{ resolver: Resolver; asked: string[] }> => {
  const asked: string[] = []
  const server = createSocket('udp4')
  server.on('message', (query, sender) => {
    const { name, type, end } = readQuestion(query)
    asked.push(name)
    const found = zone(name)
    if (found !== 'silent')
      server.send(answerTo(query.subarray(0, end), type, found), sender.port, sender.address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const resolver = new Resolver({ timeout: 100, tries: 1 })
  resolver.setServers([`127.0.0.1:${server.address().port}`])
  return { resolver, asked }
}

const readQuestion = (query: Buffer): { name: string; type: number; end: number } => {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

const answerTo = (question: Buffer, type: number, found: readonly string[] | 'broken'): Buffer => {
  const records = found === 'broken' ? [] : found.flatMap((text) => recordOf(type, text))
  const message = Buffer.from(question)
  message.writeUInt16BE(found === 'broken' ? serverFailure : found.length === 0 ? noSuchName : noError, 2)
  message.writeUInt16BE(records.length, 6)
  message.writeUInt32BE(0, 8)
  return Buffer.concat([message, ...records])
}

const recordOf = (type: number, text: string): Buffer[] => {
  const { bytes } = parseAddress(text)!
  if (bytes.length !== (type === typeA ? 4 : type === typeAaaa ? 16 : -1)) return []
  const header = Buffer.alloc(12)
  header.writeUInt16BE(pointerToQuestion, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt16BE(classInternet, 4)
  header.writeUInt16BE(bytes.length, 10)
  return [Buffer.concat([header, bytes])]
}
