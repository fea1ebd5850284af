import { expect, test } from 'vitest'
import { readIntent } from '../../../src/sandbox/agent/read-intent.ts'

test.each([
  ['a fox running through a snowy forest at dusk', 'generation'],
  ['make it shorter', 'generation'],
  ['制作一个城市夜景视频', 'generation'],
  ['', 'text'],
  ['   \n', 'text'],
  ['?!', 'text'],
  ['what can you do?', 'text'],
  ['你能做什么？', 'text'],
])('without a draft %j asks for %s', (text, intent) => {
  expect(readIntent(text, false)).toBe(intent)
})

test.each([
  ['make it shorter', 'edit'],
  ['add lo-fi background music', 'edit'],
  ['make the video brighter', 'edit'],
  ['create a title that says Hello', 'edit'],
  ['sprinkle some magic on it', 'edit'],
  ['给视频加字幕', 'edit'],
  ['how long is it?', 'text'],
  ['regenerate', 'generation'],
  ['redo it with more snow', 'generation'],
  ['make a video of a whale', 'generation'],
  ['generate another clip', 'generation'],
  ['make it vertical', 'generation'],
  ['use 9:16', 'generation'],
  ['重新生成', 'generation'],
  ['再来一个', 'generation'],
])('with a draft %j asks for %s', (text, intent) => {
  expect(readIntent(text, true)).toBe(intent)
})

test('what stands beyond the first 2,000 characters is not read, so no text can keep the patterns busy', () => {
  expect(readIntent(`${'x '.repeat(1000)} regenerate`, true)).toBe('edit')
  expect(readIntent(`regenerate ${'x '.repeat(1000)}`, true)).toBe('generation')
})
