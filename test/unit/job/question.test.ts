import { expect, test } from 'vitest'
import { asksForInput } from '../../../src/job/question.ts'
import { translatePhrases } from '../../../src/providers/nemo/phrases.ts'
import { proseIn } from '../../../src/sandbox/agent/prose.ts'

test.each([
  'Which fox?',
  'Which part of the video should I change, and how strong should it be? Click a clip to select it.',
  'What should the video show, and in which style? Open the template panel for ideas.',
  'What should the video show',
  'Please describe the scene you want.',
  'Please upload a photo first.',
  'Tell me what should happen in the video.',
  'I need a photo to start with.',
  'I would need more details about the style.',
  'To make this I have three styles. Choose one of them: anime, noir or watercolor.',
  'I make short videos. Send a file or its URL, or describe what you want to see.',
  'Nothing was made. Could you say more about the fox',
  'Let me know which style suits you.',
  '您想修改视频的哪一部分，程度如何？请点击片段进行选择。',
  '视频想展示什么内容，什么风格？可以打开模板面板找灵感。',
  '请上传一张照片。',
  '请描述您想要的画面',
  '请直接发来素材。',
  '要加音乐吗',
  '需要您提供更多信息。',
  // In doubt: of another language, or no words at all.
  '¿Qué estilo prefiere?',
  'Por favor describa la escena.',
  'Was soll das Video zeigen',
  'どのスタイルがいいですか',
  'ما هو النمط المفضل؟',
  'OK.',
  '',
  null,
])('%j waits for an answer', (words) => {
  expect(asksForInput(words)).toBe(true)
})

test.each([
  'The video could not be generated this time. Nothing was charged; please check your account.',
  'The generation failed.',
  'Sorry, I was unable to make this video. Please try again later.',
  'I encountered a temporary issue. Please try again. The work could not be done.',
  'This prompt is against the rules: see https://example.com/rules?id=4',
  'Your upload could not be read.',
  'Done.',
  '这次视频没有生成成功，未扣积分，请查看您的账户。',
  '抱歉，生成失败，请稍后再试。',
  '生成失败。',
])('%j is a plain statement', (words) => {
  expect(asksForInput(words)).toBe(false)
})

test.each(['en', 'zh'] as const)(
  'what an agent says in %s is understood as it reaches a client, too',
  (language) => {
    const { whichPart, whatToMake, answer, generationFailed } = proseIn(language)
    const isAsked = (words: string) => [words, translatePhrases(words, language)].map(asksForInput)
    for (const words of [whichPart, whatToMake, answer]) expect(isAsked(words)).toEqual([true, true])
    expect(isAsked(generationFailed)).toEqual([false, false])
  },
)
