import { describe, expect, it } from 'vitest'
import { composeMessage, outputSentence } from '../../../src/skills/index.ts'

describe('the output sentence', () => {
  it.each([
    [{}, ''],
    [{ format: 'mp4', quality: 'high' }, ''],
    [{ aspect_ratio: '9:16' }, 'Output: 9:16 aspect ratio.'],
    [{ resolution: '720p' }, 'Output: 720p.'],
    [{ duration_s: 1 }, 'Output: 1 second.'],
    [{ duration_s: 2.5 }, 'Output: 2.5 seconds.'],
    [
      { aspect_ratio: '9:16', resolution: '1080p', duration_s: 5 },
      'Output: 9:16 aspect ratio, 1080p, 5 seconds.',
    ],
  ])('says %j in English', (output, sentence) => expect(outputSentence(output, 'en')).toBe(sentence))

  it.each([
    [{}, ''],
    [{ aspect_ratio: '16:9' }, '输出要求：画面比例 16:9。'],
    [
      { aspect_ratio: '9:16', resolution: '1080p', duration_s: 5 },
      '输出要求：画面比例 9:16，分辨率 1080p，时长 5 秒。',
    ],
  ])('says %j in Chinese', (output, sentence) => expect(outputSentence(output, 'zh-CN')).toBe(sentence))

  it.each(['zh', 'ZH', 'zh-Hant-TW', 'zh_CN'])('takes %s for Chinese', (language) => {
    expect(outputSentence({ resolution: '1080p' }, language)).toBe('输出要求：分辨率 1080p。')
  })

  it.each(['en', 'de-AT', 'zha', null])('speaks English for %s', (language) => {
    expect(outputSentence({ resolution: '1080p' }, language)).toBe('Output: 1080p.')
  })
})

describe('a composed message', () => {
  it('is the text alone when there is nothing to add', () => {
    const message = composeMessage('make the title red', { inputTexts: [], output: {}, language: null })
    expect(message).toBe('make the title red')
  })

  it('carries the words of text inputs before the output sentence', () => {
    const message = composeMessage('a fox in the snow', {
      inputTexts: ['Scene 1: dusk.\n', '  \n', 'Scene 2: dawn.'],
      output: { duration_s: 5 },
      language: 'en',
    })
    expect(message).toBe('a fox in the snow\n\nScene 1: dusk.\n\nScene 2: dawn.\n\nOutput: 5 seconds.')
  })
})
