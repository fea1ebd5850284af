import { englishPhraseRules } from './phrase-rules.ts'
import { chinesePhraseRules } from './phrase-rules-zh.ts'

/** What a person says here to get a thing done, in the two languages that `intents.ts` understands. */
export type CommandWord = 'export' | 'status' | 'credits' | 'subtitles'

/** One way in which the agent speaks of its web page, and what it means to somebody without that page. */
export interface PhraseRule {
  /** Global; matches the instruction alone, so that the sentence around it stays. */
  readonly pattern: RegExp
  /** `say` gives the word to say, marked as such; `groups` are the pattern's. */
  readonly wording: (say: (word: CommandWord) => string, groups: readonly string[]) => string
}

const commandWords = {
  en: { export: 'export', status: 'status', credits: 'credits', subtitles: 'export srt' },
  zh: { export: '导出', status: '状态', credits: '积分', subtitles: '导出字幕' },
} as const

/** Mark where an instruction was put into other words; characters for private use, dropped from the agent's text. */
const opened = '\uE000'
const closed = '\uE001'

/**
 * Puts the agent's instructions for its own web page ("click Export", "拖拽") into what can be said here, for display
 * only: the prose of an agent never causes an action (upstream-protocol.md §6.2). Everything else is left as it is.
 * The grammar follows the text; the words to say follow `language`.
 */
export const translatePhrases = (text: string, language: string): string => {
  const spoken = commandWords[/^zh\b/i.test(language) ? 'zh' : 'en']
  const clean = text.replaceAll(opened, '').replaceAll(closed, '')
  const english = apply(clean, englishPhraseRules, (word) => `*${spoken[word]}*`)
  const both = apply(english, chinesePhraseRules, (word) => `“${spoken[word]}”`)
  return joinAlternatives(both).replaceAll(opened, '').replaceAll(closed, '')
}

const apply = (text: string, rules: readonly PhraseRule[], say: (word: CommandWord) => string): string =>
  rules.reduce((before, rule) => applyRule(before, rule, say), text)

/** Words already put differently are not looked at again. */
const applyRule = (
  text: string,
  { pattern, wording }: PhraseRule,
  say: (word: CommandWord) => string,
): string =>
  text
    .split(/(\uE000[^\uE001]*\uE001)/)
    .map((piece) =>
      piece.startsWith(opened)
        ? piece
        : piece.replace(pattern, (match: string, ...rest: unknown[]) => {
            const groups = rest
              .slice(
                0,
                rest.findIndex((part) => typeof part === 'number'),
              )
              .map((group) => String(group ?? '').trim())
            return `${opened}${matchCase(wording(say, groups), match)}${closed}`
          }),
    )
    .join('')

/** A sentence that began with a capital letter goes on doing so. */
const matchCase = (wording: string, match: string): string =>
  /^\p{Lu}/u.test(match) ? wording.charAt(0).toUpperCase() + wording.slice(1) : wording

/** Two requests in a row are two things to choose from, not two steps; the same one twice is said once. */
const joinAlternatives = (text: string): string =>
  text
    .replace(/\uE000([^\uE001]+)\uE001,? (?:and |or )?(?:then )?\uE000\1\uE001/gi, '\uE000$1\uE001')
    .replace(/\uE001,? (?:and )?then \uE000/g, '\uE001, or \uE000')
