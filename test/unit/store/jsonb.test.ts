import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toJsonb } from '../../../src/store/jsonb.ts'

test.each([
  ['a NUL', 'a\u0000b', 'a\uFFFDb'],
  ['a pair that was cut in half', 'fox \ud83e', 'fox \uFFFD'],
  ['the other half of one', '\udd8a fox', '\uFFFD fox'],
  ['what only looks like an escape', String.raw`a\u0000 \ud83e`, String.raw`a\u0000 \ud83e`],
  ['a backslash before a NUL', '\\\u0000', '\\\uFFFD'],
  ['a whole pair', '🦊', '🦊'],
])('%s is written as the database takes it', (_, given, stored) => {
  expect(JSON.parse(toJsonb({ [given]: [given] }))).toEqual({ [stored]: [stored] })
})

test('nothing else is changed', () => {
  const unit = fc.oneof(fc.constantFrom('\u0000', '\ud83e', '\udd8a', '\\', 'u0000', '"', '\n'), fc.string())
  const text = fc.array(unit).map((units) => units.join(''))
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const clean = texts.map((each) => each.toWellFormed().replaceAll('\u0000', '\uFFFD'))
      expect(JSON.parse(toJsonb(texts))).toEqual(clean)
    }),
  )
})
