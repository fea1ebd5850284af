import { describe, expect, test } from 'vitest'
import { decodePercents, fileNameOf } from '../../src/url-name.ts'

describe('the name of a file in a URL', () => {
  test.each([
    ['https://files.example/pictures/fox.png', 'fox.png'],
    ['https://files.example/%C3%A9t%C3%A9%20fox.png?size=2#top', 'été fox.png'],
    ['https://files.example/été fox.png', 'été fox.png'],
    ['https://files.example/100%25%ff.png', '100%25%ff.png'],
    ['https://files.example/a%2Fb.png', 'a/b.png'],
    ['https://files.example/pictures/', null],
    ['https://files.example', null],
    ['fox.png', null],
    ['', null],
  ])('of %j is %j: the last part of the path, as people write it', (url, name) => {
    expect(fileNameOf(url)).toBe(name)
  })

  test('stays as it is where its percent signs encode no UTF-8', () => {
    expect(decodePercents('fox%20%E2%82%AC.png')).toBe('fox €.png')
    expect(decodePercents('50%.png')).toBe('50%.png')
    expect(decodePercents('%ff.png')).toBe('%ff.png')
  })
})
