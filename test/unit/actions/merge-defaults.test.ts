import { expect, it } from 'vitest'
import { mergeDefaults } from '../../../src/actions/merge-defaults.ts'

it('merges objects field by field, replaces everything else, and takes away what is null', () => {
  const defaults = { a: { b: 1, c: { d: 2 } }, list: [1, 2], gone: 'x', text: 'y' }
  const given = { a: { c: { e: 3 }, b: null }, list: [3], gone: null, text: { f: 1 } }
  expect(mergeDefaults(defaults, given)).toEqual({ a: { c: { d: 2, e: 3 } }, list: [3], text: { f: 1 } })
  expect(defaults).toEqual({ a: { b: 1, c: { d: 2 } }, list: [1, 2], gone: 'x', text: 'y' })
})
