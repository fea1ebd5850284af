import { describe, expect, test } from 'vitest'
import { disguisesOf } from '../../unit/egress/hostile-urls.ts'
import { type Receiver, startCanary, startReceiver } from './receiver.ts'
import { downloadFrom, requestTo, setupEgress } from './setup.ts'

/** Only this loopback address is allowed here; everything on 127.0.0.1 stands for the inside of a network. */
const allowedHost = '127.0.0.2'

/** A receiver on the allowed address, and a canary on the same port of the address that nobody may reach. */
const setup = async (tries = 20): Promise<{ receiver: Receiver; canary: Receiver; port: number }> => {
  const receiver = await startReceiver((_request, response) => response.end('ok'), { host: allowedHost })
  try {
    const canary = await startCanary({ host: '127.0.0.1', port: receiver.port })
    return { receiver, canary, port: receiver.port }
  } catch (error) {
    // Somebody else has the port of the other address.
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!isTaken || tries === 0) throw error
    return setup(tries - 1)
  }
}

describe('a refused target', () => {
  test('gets no connection, however its address is written', async () => {
    const { receiver, canary, port } = await setup()
    const { egress, asked } = setupEgress({ allow: allowedHost })
    const hosts = disguisesOf([127, 0, 0, 1])
    for (const scheme of ['http', 'https']) {
      for (const host of hosts) {
        const url = `${scheme}://${host}:${port}/`
        expect(await egress.request(requestTo(url))).toEqual({ outcome: 'refused' })
        expect(await egress.download(downloadFrom(url))).toEqual({ outcome: 'refused' })
        expect(await egress.check(url)).toMatchObject({ ok: false, code: 'url_not_allowed' })
      }
    }
    expect({ asked, canary: canary.connections, receiver: receiver.connections }).toEqual({
      asked: [],
      canary: 0,
      receiver: 0,
    })
  })

  test('gets no connection, however its name resolves', async () => {
    const { receiver, canary, port } = await setup()
    const answers = [
      ['127.0.0.1'],
      ['::1'],
      ['::ffff:127.0.0.1'],
      [allowedHost, '127.0.0.1'],
      ['127.0.0.1', allowedHost],
      [allowedHost, '::1'],
      [allowedHost, '10.0.0.1'],
      ['169.254.169.254'],
      ['fd00:ec2::254'],
      ['100.100.100.200'],
      ['168.63.129.16'],
      ['64:ff9b::7f00:1'],
      ['2002:7f00:1::'],
      ['93.184.215.14'],
      [allowedHost, '93.184.215.14'],
      ['fe80::1%lo'],
      ['not an address'],
    ]
    for (const addresses of answers) {
      const { egress } = setupEgress({ allow: allowedHost, names: { 'inside.example.com': addresses } })
      expect(await egress.request(requestTo(`http://inside.example.com:${port}/`))).toEqual({
        outcome: 'refused',
      })
    }
    expect([canary.connections, receiver.connections]).toEqual([0, 0])
  })
})

describe('a name that changes its addresses', () => {
  test('between submit and use is refused at the use', async () => {
    const { canary, port } = await setup()
    let addresses = [allowedHost]
    const { egress } = setupEgress({ allow: allowedHost, names: { 'rebind.example.com': () => addresses } })
    const url = `http://rebind.example.com:${port}/`
    expect(await egress.check(url)).toMatchObject({ ok: true })
    addresses = ['127.0.0.1']
    expect(await egress.request(requestTo(url))).toEqual({ outcome: 'refused' })
    expect(canary.connections).toBe(0)
  })

  test('right after it was vetted changes nothing: the connection goes to the vetted address', async () => {
    const { receiver, canary, port } = await setup()
    let lookups = 0
    const flip = (): string[] => [lookups++ === 0 ? allowedHost : '127.0.0.1']
    const { egress } = setupEgress({ allow: allowedHost, names: { 'rebind.example.com': flip } })
    expect(await egress.request(requestTo(`http://rebind.example.com:${port}/`))).toMatchObject({
      outcome: 'response',
    })
    expect({ lookups, canary: canary.connections, receiver: receiver.connections }).toEqual({
      lookups: 1,
      canary: 0,
      receiver: 1,
    })
  })

  test.each(Array.from({ length: 50 }, (_, seed) => seed))(
    'is judged anew at every call, sequence %i',
    async (seed) => {
      const { receiver, canary, port } = await setup()
      const answers = [
        [allowedHost],
        ['127.0.0.1'],
        [allowedHost, '127.0.0.1'],
        ['::ffff:127.0.0.1'],
        ['10.0.0.1'],
        [],
        [`::ffff:${allowedHost}`],
      ]
      const sequence = Array.from(
        { length: 8 },
        (_, step) => answers[(seed * 31 + step * (step + seed)) % answers.length]!,
      )
      let call = 0
      const { egress } = setupEgress({
        allow: allowedHost,
        names: { 'rebind.example.com': () => sequence[call]! },
      })
      for (const addresses of sequence) {
        const isGood = addresses.length > 0 && addresses.every((address) => address.endsWith(allowedHost))
        const expected = isGood ? 'response' : addresses.length === 0 ? 'unreachable' : 'refused'
        const result = await egress.request(requestTo(`http://rebind.example.com:${port}/${call}`))
        expect({ addresses, outcome: result.outcome }).toEqual({ addresses, outcome: expected })
        call += 1
      }
      const goodCalls = sequence.filter(
        (addresses) => addresses.length > 0 && addresses.every((address) => address.endsWith(allowedHost)),
      )
      expect([canary.connections, receiver.received.length]).toEqual([0, goodCalls.length])
    },
  )
})

describe('calls to one name at the same time', () => {
  test('are pinned each to what was vetted, while the name flips', async () => {
    const { receiver, canary, port } = await setup()
    let lookups = 0
    const flip = (): string[] => [lookups++ % 2 === 0 ? allowedHost : '127.0.0.1']
    const { egress } = setupEgress({ allow: allowedHost, names: { 'rebind.example.com': flip } })
    const calls = Array.from({ length: 100 }, () =>
      egress.request(requestTo(`http://rebind.example.com:${port}/`)),
    )
    const outcomes = (await Promise.all(calls)).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'response')).toHaveLength(50)
    expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(50)
    expect([canary.connections, receiver.received.length]).toEqual([0, 50])
  })
})
