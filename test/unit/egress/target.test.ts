import { describe, expect, test } from 'vitest'
import { type AllowList, nothingAllowed, parseAllowList } from '../../../src/egress/allow-list.ts'
import type { Lookup } from '../../../src/egress/lookup.ts'
import { checkTarget, vetTarget } from '../../../src/egress/target.ts'
import { disguisesOf, malformedUrls, privateIpv4, publicUrls, unusualUrls } from './hostile-urls.ts'
import { createManualClock } from './manual-clock.ts'

const publicIpv4 = '93.184.215.14'
const publicIpv6 = '2606:2800:21f:cb07:6820:80da:af6b:8b2c'

const allowing = (text: string): AllowList => {
  const parsed = parseAllowList(text)
  if (!parsed.ok) throw new Error(parsed.details.join())
  return parsed.allow
}

/** Rules in which every name has the given addresses; `asked` are the names that were resolved. */
const setup = ({
  addresses = [publicIpv4],
  allow = nothingAllowed,
}: {
  addresses?: string[]
  allow?: AllowList
} = {}) => {
  const asked: string[] = []
  const lookup: Lookup = async (hostname) => {
    asked.push(hostname)
    return addresses
  }
  const clock = createManualClock()
  return { asked, clock, rules: { allow, lookup, clock } }
}

const disguised = privateIpv4.flatMap((address) => disguisesOf(address).map((host) => `https://${host}/`))

describe('a target', () => {
  test.each(disguised)('is refused without a lookup when it is a private address: %s', async (url) => {
    const { asked, rules } = setup()
    expect(await vetTarget(url, rules)).toEqual({ outcome: 'forbidden' })
    expect(asked).toEqual([])
  })

  test.each(malformedUrls)('is refused without a lookup for its form: %j', async (url) => {
    const { asked, rules } = setup({ allow: allowing('0.0.0.0/0 ::/0') })
    expect(await vetTarget(url, rules)).toEqual({ outcome: 'forbidden' })
    expect(asked).toEqual([])
  })

  test.each(unusualUrls)(
    'is refused without a lookup when nothing may be reached but public services: %s',
    async (url) => {
      const { asked, rules } = setup()
      expect(await vetTarget(url, rules)).toEqual({ outcome: 'forbidden' })
      expect(asked).toEqual([])
    },
  )

  test.each(unusualUrls)('is refused when only other addresses are allowed: %s', async (url) => {
    const { rules } = setup({ allow: allowing('10.0.0.0/8') })
    expect(await vetTarget(url, rules)).toEqual({ outcome: 'forbidden' })
  })

  test.each(publicUrls)('is accepted: %s', async (url) => {
    const { rules } = setup()
    expect(await vetTarget(url, rules)).toMatchObject({ outcome: 'vetted' })
  })

  test('the corpus is as large as it should be', () => {
    const urls = [...disguised, ...malformedUrls, ...unusualUrls, ...publicUrls]
    expect(new Set(urls).size).toBeGreaterThanOrEqual(450)
  })

  test('is resolved once, by the name that the URL parser gives', async () => {
    const { asked, rules } = setup({ addresses: [publicIpv6, publicIpv4] })
    const vetting = await vetTarget('https://Bücher.Example.COM:8443/Hook?x=1#secret', rules)
    expect(asked).toEqual(['xn--bcher-kva.example.com'])
    expect(vetting).toEqual({
      outcome: 'vetted',
      target: {
        url: new URL('https://xn--bcher-kva.example.com:8443/Hook?x=1'),
        addresses: [publicIpv6, publicIpv4],
      },
    })
  })

  test.each([
    ['private', ['10.0.0.1']],
    ['a metadata address', ['169.254.169.254']],
    ['the IPv6 metadata address', ['fd00:ec2::254']],
    ['loopback', ['127.0.0.1', '::1']],
    ['a documentation address', ['203.0.113.7']],
    ['public and private', [publicIpv4, '192.168.0.1']],
    ['private and public', ['192.168.0.1', publicIpv4]],
    ['public IPv4 and private IPv6', [publicIpv4, 'fd12:3456::1']],
    ['public IPv4 and mapped loopback', [publicIpv4, '::ffff:127.0.0.1']],
    ['link-local with a zone', ['fe80::1%2']],
    ['not an address', ['example.org']],
    ['an empty address', ['']],
  ])('is refused when its name resolves to what is %s', async (_what, addresses) => {
    const { rules } = setup({ addresses })
    expect(await vetTarget('https://example.com/', rules)).toEqual({ outcome: 'forbidden' })
  })

  test.each([
    'https://example.com/',
    'http://example.com/',
    'http://example.com:8080/',
    'https://example.com:6379/',
  ])('may be anything on an address that the operator allows: %s', async (url) => {
    const { rules } = setup({ addresses: ['10.1.2.3', 'fd00::1'], allow: allowing('10.0.0.0/8, fd00::/8') })
    expect(await vetTarget(url, rules)).toMatchObject({ outcome: 'vetted' })
  })

  test('needs every address allowed where it needs the allow-list', async () => {
    const { rules } = setup({ addresses: ['10.1.2.3', publicIpv4], allow: allowing('10.0.0.0/8') })
    expect(await vetTarget('http://example.com/', rules)).toEqual({ outcome: 'forbidden' })
    expect(await vetTarget('https://example.com:9000/', rules)).toEqual({ outcome: 'forbidden' })
    expect(await vetTarget('https://example.com/', rules)).toMatchObject({ outcome: 'vetted' })
  })

  test('may be a mapped form of an allowed IPv4 address', async () => {
    const { rules } = setup({ allow: allowing('127.0.0.1') })
    expect(await vetTarget('http://[::ffff:127.0.0.1]:9000/', rules)).toMatchObject({ outcome: 'vetted' })
    expect(await vetTarget('http://[::127.0.0.1]:9000/', rules)).toEqual({ outcome: 'forbidden' })
  })
})

describe('a target whose name does not resolve', () => {
  test('is told apart for a retry, but not for the client', async () => {
    const { rules } = setup({ addresses: [] })
    expect(await vetTarget('https://example.com/', rules)).toEqual({ outcome: 'unresolved' })
    expect(await checkTarget('https://example.com/', rules)).toEqual(
      await checkTarget('https://127.0.0.1/', rules),
    )
  })

  test('is unresolved when DNS fails', async () => {
    const { rules } = setup()
    const lookup: Lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect(await vetTarget('https://example.com/', { ...rules, lookup })).toEqual({ outcome: 'unresolved' })
  })

  test('is unresolved when DNS is silent for five seconds', async () => {
    const { clock, rules } = setup()
    const lookup: Lookup = () => new Promise(() => undefined)
    const vetting = vetTarget('https://example.com/', { ...rules, lookup })
    clock.advance(5_000)
    expect(await vetting).toEqual({ outcome: 'unresolved' })
  })

  test('leaves no timer behind', async () => {
    const { clock, rules } = setup()
    await vetTarget('https://example.com/', rules)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('checkTarget', () => {
  test('says the same whatever the cause', async () => {
    const { rules } = setup({ addresses: ['10.0.0.1'] })
    const urls = [
      '',
      'ftp://example.com/',
      'https://example.com/',
      'https://127.0.0.1:5432/',
      'https://u@example.com/',
    ]
    const checks = await Promise.all(urls.map((url) => checkTarget(url, rules)))
    expect(new Set(checks.map((check) => JSON.stringify(check))).size).toBe(1)
    expect(checks[0]).toMatchObject({ ok: false, code: 'url_not_allowed' })
  })

  test('gives the parsed URL and its addresses', async () => {
    const { rules } = setup()
    expect(await checkTarget('https://example.com/hook', rules)).toEqual({
      ok: true,
      url: new URL('https://example.com/hook'),
      addresses: [publicIpv4],
    })
  })
})
