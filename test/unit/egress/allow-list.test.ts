import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../../src/egress/address.ts'
import { nothingAllowed, parseAllowList } from '../../../src/egress/allow-list.ts'

const isCovered = (list: string, address: string): boolean => {
  const parsed = parseAllowList(list)
  if (!parsed.ok) throw new Error(parsed.details.join())
  return parsed.allow.covers(parseAddress(address)!)
}

describe('parseAllowList', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1', '::1', false],
    ['127.0.0.1', '::ffff:127.0.0.1', true],
    ['127.0.0.1', '::127.0.0.1', false],
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/9', '10.127.255.255', true],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['10.0.0.4/30', '10.0.0.7', true],
    ['10.0.0.4/30', '10.0.0.8', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '::1', true],
    ['::/0', '127.0.0.1', false],
    ['::1/128', '::1', true],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fc00::1', false],
    ['fd00:0:0:8000::/49', 'fd00:0:0:8000::1', true],
    ['10.0.0.0/8,192.168.0.0/16', '192.168.1.1', true],
    [' 10.0.0.0/8 , ::1\n172.16.0.0/12 ', '172.31.0.1', true],
    ['', '127.0.0.1', false],
  ])('of %j covers %s: %s', (list, address, expected) => {
    expect(isCovered(list, address)).toBe(expected)
  })

  test('names every bad entry at once, and says what is accepted', () => {
    expect(
      parseAllowList(
        '10.0.0.1/8, localhost, 10.0.0.0/33, ::ffff:10.0.0.0/104, fd00::/8, 1.2.3.4/, fe80::1%eth0',
      ),
    ).toEqual({
      ok: false,
      details: [
        '"10.0.0.1/8" has bits set after its prefix; write the first address of the range',
        '"localhost" is not an IP address or a CIDR range such as 10.0.0.0/8',
        '"10.0.0.0/33" has a prefix longer than 32 bits',
        '"::ffff:10.0.0.0/104" is an IPv4 range in IPv6 form; write it as IPv4',
        '"1.2.3.4/" is not an IP address or a CIDR range such as 10.0.0.0/8',
        '"fe80::1%eth0" is not an IP address or a CIDR range such as 10.0.0.0/8',
      ],
    })
  })

  test.each(['10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/x', '10.0.0.0/ 8', 'fd00::1/127x', '::/129', '*'])(
    'refuses %j',
    (list) => {
      expect(parseAllowList(list).ok).toBe(false)
    },
  )

  test('knows when nothing is allowed', () => {
    expect(parseAllowList('')).toMatchObject({ ok: true, allow: { isEmpty: true } })
    expect(parseAllowList('::1')).toMatchObject({ ok: true, allow: { isEmpty: false } })
    expect(nothingAllowed.isEmpty).toBe(true)
    expect(nothingAllowed.covers(parseAddress('127.0.0.1')!)).toBe(false)
  })
})
