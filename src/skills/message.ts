import type { OutputWish } from '../job/job.ts'

const isChinese = (language: string | null): boolean => /^zh(?![a-z])/i.test(language ?? '')

const englishSentence = ({ aspect_ratio, resolution, duration_s }: OutputWish): string => {
  const wishes = [
    aspect_ratio && `${aspect_ratio} aspect ratio`,
    resolution,
    duration_s !== undefined && `${duration_s} ${duration_s === 1 ? 'second' : 'seconds'}`,
  ].filter(Boolean)
  return wishes.length === 0 ? '' : `Output: ${wishes.join(', ')}.`
}

const chineseSentence = ({ aspect_ratio, resolution, duration_s }: OutputWish): string => {
  const wishes = [
    aspect_ratio && `画面比例 ${aspect_ratio}`,
    resolution && `分辨率 ${resolution}`,
    duration_s !== undefined && `时长 ${duration_s} 秒`,
  ].filter(Boolean)
  return wishes.length === 0 ? '' : `输出要求：${wishes.join('，')}。`
}

/**
 * Aspect ratio, resolution and duration as the sentence that ends a message, for example
 * `Output: 9:16 aspect ratio, 1080p, 5 seconds.`: the provider takes them as words only (api.md §1). Empty when none
 * of them is wished. Any language but Chinese gets English, which the provider's agent always understands.
 */
export const outputSentence = (output: OutputWish, language: string | null): string =>
  isChinese(language) ? chineseSentence(output) : englishSentence(output)

/**
 * The message as it is sent: the text, then the words of TXT inputs, then the output sentence, each its own paragraph
 * (api.md §2: TXT inputs become prompt text).
 */
export const composeMessage = (
  text: string,
  additions: {
    readonly inputTexts: readonly string[]
    readonly output: OutputWish
    readonly language: string | null
  },
): string =>
  [text, ...additions.inputTexts, outputSentence(additions.output, additions.language)]
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
