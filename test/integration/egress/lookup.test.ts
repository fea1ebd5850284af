import { describe, expect, test } from 'vitest'
import { nothingAllowed, parseAllowList } from '../../../src/egress/allow-list.ts'
import { createEgress } from '../../../src/egress/client.ts'
import { createSystemLookup } from '../../../src/egress/lookup.ts'
import { startDns, type Zone } from './dns-server.ts'
import { startCanary, startReceiver } from './receiver.ts'
import { requestTo } from './setup.ts'

const publicIpv4 = '93.184.215.14'
const publicIpv6 = '2606:2800:21f:cb07:6820:80da:af6b:8b2c'

const zone: Zone = (name) =>
  ({
    'both.example.com': [publicIpv4, publicIpv6, '93.184.215.15'],
    'ipv4.example.com': [publicIpv4],
    'ipv6.example.com': [publicIpv6],
    'broken.example.com': 'broken' as const,
    'silent.example.com': 'silent' as const,
  })[name] ?? []

describe('the lookup of names', () => {
  test.each([
    ['both.example.com', [publicIpv4, '93.184.215.15', publicIpv6]],
    ['ipv4.example.com', [publicIpv4]],
    ['ipv6.example.com', [publicIpv6]],
  ])('gives all addresses of %s', async (name, addresses) => {
    const { resolver } = await startDns(zone)
    expect(await createSystemLookup(resolver)(name)).toEqual(addresses)
  })

  test.each([
    ['gone.example.com', 'ENOTFOUND'],
    ['broken.example.com', 'ESERVFAIL'],
    ['silent.example.com', 'ETIMEOUT'],
  ])('fails for %s', async (name, code) => {
    const { resolver } = await startDns(zone)
    await expect(createSystemLookup(resolver)(name)).rejects.toMatchObject({ code })
  })

  test('asks the system, not DNS, for a name that nobody can own there', async () => {
    const { resolver, asked } = await startDns(zone)
    const addresses = await createSystemLookup(resolver)('localhost')
    expect(addresses.every((address) => address === '127.0.0.1' || address === '::1')).toBe(true)
    expect(addresses.length).toBeGreaterThan(0)
    expect(asked).toEqual([])
  })
})

describe('an egress client with a real DNS', () => {
  test('reaches an allowed address by its name, and refuses it once the name has moved', async () => {
    let addresses = ['127.0.0.2']
    const { resolver } = await startDns(() => addresses)
    const receiver = await startReceiver((_request, response) => response.end('ok'), { host: '127.0.0.2' })
    const canary = await startCanary({ host: '127.0.0.1', port: receiver.port })
    const allowed = parseAllowList('127.0.0.2')
    if (!allowed.ok) throw new Error(allowed.details.join())
    const egress = createEgress({ allow: allowed.allow, lookup: createSystemLookup(resolver) })
    const url = `http://rebind.example.com:${receiver.port}/`

    expect(await egress.request(requestTo(url))).toMatchObject({ outcome: 'response' })
    for (const moved of [
      ['127.0.0.1'],
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.2', '::1'],
      ['127.0.0.2', 'fd00:ec2::254'],
    ]) {
      addresses = moved
      expect(await egress.request(requestTo(url))).toEqual({ outcome: 'refused' })
    }
    addresses = []
    expect(await egress.request(requestTo(url))).toEqual({ outcome: 'unreachable', cause: 'dns' })
    await egress.close()
    expect([receiver.received.length, canary.connections]).toEqual([1, 0])
  })

  test.each([
    ['localhost'],
    ['LOCALHOST'],
    ['gone.example.com'],
    ['broken.example.com'],
    ['silent.example.com'],
  ])('refuses %s at submit with the one message', async (host) => {
    const { resolver } = await startDns(zone)
    const egress = createEgress({ allow: nothingAllowed, lookup: createSystemLookup(resolver) })
    expect(await egress.check(`https://${host}/`)).toEqual(await egress.check('https://127.0.0.1/'))
    await egress.close()
  })
})
