import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSameAddress, parseAddress } from '../../../src/egress/address.ts'
import { kindOfAddress } from '../../../src/egress/address-kind.ts'

const kindOf = (text: string): string => {
  const address = parseAddress(text)
  return address === null ? 'unreadable' : kindOfAddress(address)
}

describe('parseAddress', () => {
  test.each([
    ['1.2.3.4', '01020304'],
    ['0.0.0.0', '00000000'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['1:2::7:8', '00010002000000000000000000070008'],
    ['FE80::ABCD', 'fe80000000000000000000000000abcd'],
    ['1:2:3:4:5:6:1.2.3.4', '00010002000300040005000601020304'],
    ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201'],
    ['::ffff:1.2.3.4', '01020304'],
    ['0:0:0:0:0:FFFF:102:304', '01020304'],
  ])('reads %s', (text, hex) => {
    expect(parseAddress(text)?.bytes.toString('hex')).toBe(hex)
  })

  test.each([
    '',
    ' ',
    '.',
    ':',
    ':::',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.0x4',
    '01.2.3.4',
    '1.2.3.-4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '１.2.3.4',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4/32',
    '1:2',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2::3',
    '12345::',
    '::g',
    ':1::',
    '::1:',
    '1:::2',
    '::1.2.3',
    '::1.2.3.4.5',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    'fe80::1%eth0',
    'fe80::1%1',
    '[::1]',
    '::ffff:1.2.3.256',
    '::0x1',
    'localhost',
  ])('does not read %j', (text) => {
    expect(parseAddress(text)).toBeNull()
  })

  test('reads exactly what Node takes for an address without a zone', () => {
    const group = fc.oneof(
      fc.constantFrom('', '0', ':', '::', 'ffff', '1.2.3.4', '64', 'g', '00001'),
      fc.string({ maxLength: 4 }),
    )
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(group, { maxLength: 9 }).map((groups) => groups.join(':')),
    )
    fc.assert(
      fc.property(text, (candidate) => {
        fc.pre(!candidate.includes('%'))
        expect(parseAddress(candidate) !== null).toBe(isIP(candidate) !== 0)
      }),
      { numRuns: 2_000 },
    )
  })

  test('holds a mapped address for the IPv4 address that it reaches', () => {
    const [plain, mapped, other] = ['10.0.0.1', '::ffff:a00:1', '::10.0.0.1'].map(
      (text) => parseAddress(text)!,
    )
    expect(isSameAddress(plain!, mapped!)).toBe(true)
    expect(isSameAddress(plain!, other!)).toBe(false)
  })
})

describe('kindOfAddress', () => {
  test.each([
    // Both ends of each range, and the neighbors outside.
    ['0.0.0.0', 'this_network'],
    ['0.255.255.255', 'this_network'],
    ['1.0.0.0', 'public'],
    ['9.255.255.255', 'public'],
    ['10.0.0.0', 'private'],
    ['10.255.255.255', 'private'],
    ['11.0.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'carrier_nat'],
    ['100.100.100.200', 'carrier_nat'],
    ['100.127.255.255', 'carrier_nat'],
    ['100.128.0.0', 'public'],
    ['126.255.255.255', 'public'],
    ['127.0.0.0', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['128.0.0.0', 'public'],
    ['168.63.129.15', 'public'],
    ['168.63.129.16', 'metadata'],
    ['168.63.129.17', 'public'],
    ['169.253.255.255', 'public'],
    ['169.254.0.0', 'link_local'],
    ['169.254.169.254', 'link_local'],
    ['169.254.255.255', 'link_local'],
    ['169.255.0.0', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['191.255.255.255', 'public'],
    ['192.0.0.0', 'protocol'],
    ['192.0.0.192', 'protocol'],
    ['192.0.0.255', 'protocol'],
    ['192.0.1.0', 'public'],
    ['192.0.2.0', 'documentation'],
    ['192.0.2.255', 'documentation'],
    ['192.0.3.0', 'public'],
    ['192.31.196.1', 'protocol'],
    ['192.52.193.1', 'protocol'],
    ['192.175.48.1', 'protocol'],
    ['192.88.98.255', 'public'],
    ['192.88.99.0', 'tunnel'],
    ['192.88.99.255', 'tunnel'],
    ['192.88.100.0', 'public'],
    ['192.167.255.255', 'public'],
    ['192.168.0.0', 'private'],
    ['192.168.255.255', 'private'],
    ['192.169.0.0', 'public'],
    ['198.17.255.255', 'public'],
    ['198.18.0.0', 'benchmarking'],
    ['198.19.255.255', 'benchmarking'],
    ['198.20.0.0', 'public'],
    ['198.51.99.255', 'public'],
    ['198.51.100.0', 'documentation'],
    ['198.51.100.255', 'documentation'],
    ['198.51.101.0', 'public'],
    ['203.0.112.255', 'public'],
    ['203.0.113.0', 'documentation'],
    ['203.0.113.255', 'documentation'],
    ['203.0.114.0', 'public'],
    ['223.255.255.255', 'public'],
    ['224.0.0.0', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.0', 'reserved'],
    ['255.255.255.254', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['::', 'this_network'],
    ['::1', 'loopback'],
    ['::2', 'tunnel'],
    ['::127.0.0.1', 'tunnel'],
    ['::8.8.8.8', 'tunnel'],
    ['::1:0:0', 'unallocated'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:0:127.0.0.1', 'tunnel'],
    ['::ffff:0:8.8.8.8', 'tunnel'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['64:ff9b::a9fe:a9fe', 'link_local'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::1:8.8.8.8', 'unallocated'],
    ['64:ff9b:1::8.8.8.8', 'tunnel'],
    ['64:ff9b:1:ffff:ffff:ffff:8.8.8.8', 'tunnel'],
    ['64:ff9b:2::', 'unallocated'],
    ['100::1', 'reserved'],
    ['100:0:0:1::', 'unallocated'],
    ['1fff:ffff::', 'unallocated'],
    ['2000::1', 'public'],
    ['2001::1', 'tunnel'],
    ['2001:0:ffff::', 'tunnel'],
    ['2001:1::1', 'protocol'],
    ['2001:2::', 'benchmarking'],
    ['2001:3::1', 'protocol'],
    ['2001:10::1', 'protocol'],
    ['2001:20::1', 'protocol'],
    ['2001:1ff:ffff::', 'protocol'],
    ['2001:200::', 'public'],
    ['2001:db7:ffff::', 'public'],
    ['2001:db8::1', 'documentation'],
    ['2001:db9::', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['2001:ffff::', 'public'],
    ['2002::', 'tunnel'],
    ['2002:808:808::1', 'tunnel'],
    ['2002:ffff::', 'tunnel'],
    ['2003::', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['2620:4f:8000::1', 'protocol'],
    ['2a00:1450::1', 'public'],
    ['2606:4700::5efe:10.0.0.1', 'private'],
    ['2606:4700::200:5efe:127.0.0.1', 'loopback'],
    ['2606:4700::5efe:8.8.8.8', 'public'],
    ['2606:4700::1:5efe:10.0.0.1', 'public'],
    ['3ffe::1', 'reserved'],
    ['3fff::1', 'documentation'],
    ['3fff:fff:ffff::', 'documentation'],
    ['3fff:1000::', 'public'],
    ['4000::', 'unallocated'],
    ['5f00::1', 'unallocated'],
    ['8000::', 'unallocated'],
    ['fbff::', 'unallocated'],
    ['fc00::', 'private'],
    ['fd00:ec2::254', 'private'],
    ['fd20:ce::254', 'private'],
    ['fdff:ffff::', 'private'],
    ['fe00::', 'unallocated'],
    ['fe80::1', 'link_local'],
    ['febf:ffff::', 'link_local'],
    ['fec0::1', 'private'],
    ['feff:ffff::', 'private'],
    ['ff00::', 'multicast'],
    ['ff02::1', 'multicast'],
    ['ffff::', 'multicast'],
  ])('%s is %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind)
  })

  test('an IPv4 address is no more public in any IPv6 form than by itself', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ipv4) => {
        fc.pre(kindOf(ipv4) !== 'public')
        const forms = [
          `::ffff:${ipv4}`,
          `::${ipv4}`,
          `::ffff:0:${ipv4}`,
          `64:ff9b::${ipv4}`,
          `64:ff9b:1::${ipv4}`,
          `2a00::5efe:${ipv4}`,
        ]
        expect(forms.map(kindOf)).not.toContain('public')
      }),
    )
  })
})
