import { findColor } from './color-words.ts'
import { findMusicStyle, musicOperation } from './music-styles.ts'
import type { Operation } from './operation.ts'

/** A way of saying something, and what is meant by it; null when the match turns out to mean something else. */
interface Rule {
  readonly pattern: RegExp
  readonly read: (match: RegExpExecArray, text: string) => Operation | null
}

const remove =
  '\\b(?:remove|delete|drop|mute|without|no more|get rid of|take out)\\b|去掉|删除|移除|不要|静音'
const add = '\\b(?:add|put|use|lay|include|change|switch|replace|set|give|want)\\b|加|添加|配上|换'
const music = '\\b(?:music|bgm|soundtrack|song|beats?|score)\\b|音乐|配乐|背景乐'
const title = '\\b(?:title|headline|heading)\\b|标题'
const subtitles = '\\b(?:subtitles?|captions?)\\b|字幕'
const near = (first: string, second: string): RegExp =>
  new RegExp(`(?:${first})[^.!?。！？\\n]{0,60}?(?:${second})`, 'i')

/** A number of seconds in milliseconds. */
const seconds = (digits: string | undefined): number => Math.round(Number(digits) * 1000)
const amount = '(\\d{1,3}(?:\\.\\d)?)\\s*(?:s\\b|secs?\\b|seconds?\\b|秒)'
const within = (pattern: string): RegExp => new RegExp(pattern, 'i')

const musicRules: readonly Rule[] = [
  { pattern: near(remove, music), read: () => ({ op: 'remove_music' }) },
  {
    pattern: /(?:volume|music|音量|音乐)[^.!?。\n]{0,30}?(\d{1,3})\s*%/i,
    read: ([, percent]) => ({ op: 'set_volume', volume: Number(percent) / 100 }),
  },
  {
    pattern: /\b(?:louder|turn (?:it |the music )?up)\b|大声|调大/i,
    read: () => ({ op: 'scale_volume', factor: 1.5 }),
  },
  {
    pattern: /\b(?:quieter|softer|turn (?:it |the music )?down)\b|小声|调小/i,
    read: () => ({ op: 'scale_volume', factor: 0.5 }),
  },
  { pattern: near(add, music), read: (_match, text) => musicOperation(findMusicStyle(text)) },
]

const subtitleRules: readonly Rule[] = [
  { pattern: near(remove, subtitles), read: () => ({ op: 'remove_subtitles' }) },
  { pattern: within(subtitles), read: () => ({ op: 'add_subtitles', lines: [] }) },
]

const quoted = /["“「'‘]([^"”」'’]{1,80})["”」'’]/
const titleRules: readonly Rule[] = [
  { pattern: near(remove, title), read: () => ({ op: 'remove_title' }) },
  {
    pattern: near(title, '\\b(?:bigger|larger|smaller)\\b|更大|更小|大一点|小一点'),
    read: ([said]) => ({ op: 'scale_title', factor: /smaller|小/i.test(said) ? 0.75 : 1.25 }),
  },
  {
    pattern: near(title, '\\b(?:top|bottom|center|middle)\\b|顶部|底部|中间'),
    read: ([said]) => ({ op: 'move_title', position: positionNamed(said) }),
  },
  {
    pattern: within(
      `(?:${title})(?:(?!\\band\\b)[^.!?。,，\\n]){0,20}?(?:\\b(?:to|says?|reads?|as)\\b|改成|改为|换成|设为|叫)\\s*(.{1,120})`,
    ),
    read: ([, rest]) => readTitleText(rest ?? ''),
  },
  {
    pattern: within(`(?:${add})[^.!?。\\n]{0,20}?(?:${title})\\s*(?:called|:|：)?\\s*(["“「'‘].{1,80})`),
    read: ([, rest]) => readTitleText(rest ?? ''),
  },
  { pattern: within(title), read: (_match, text) => colorOperation(text) },
  {
    pattern: /\b(?:in|make it|turn it)\s+(?:bright |dark |light )?\w+\s*[.!]?$/i,
    read: ([said]) => colorOperation(said),
  },
  { pattern: /(?:换成|改成|变成).{2}[。！]?$/, read: ([said]) => colorOperation(said) },
]

const cut = '\\b(?:trim|cut|remove|delete|drop|skip|keep|use)\\b|剪|去掉|删|保留'
const lengthRules: readonly Rule[] = [
  {
    pattern: within(
      `(?:${cut})[^.!?\\n]{0,30}?(\\d{1,3}(?:\\.\\d)?)\\s*(?:s|secs?|seconds?|秒)?\\s*(?:\\b(?:to|until)\\b|到|-)\\s*${amount}`,
    ),
    read: ([, from, to]) => ({ op: 'keep_range', fromMs: seconds(from), toMs: seconds(to) }),
  },
  {
    pattern: within(`(?:${cut})[^.!?\\n]{0,30}?(?:\\bfirst\\b|开头|前)\\s*${amount}`),
    read: ([, length]) => ({ op: 'cut_start', lengthMs: seconds(length) }),
  },
  {
    pattern: within(`(?:${cut})[^.!?\\n]{0,30}?(?:\\blast\\b|结尾|最后)\\s*${amount}`),
    read: ([, length]) => ({ op: 'cut_end', lengthMs: seconds(length) }),
  },
  {
    pattern: within(
      `(?:\\b(?:trim|cut|shorten|shorter|extend|longer|last|length|duration)\\b|剪|缩短|延长)[^.!?\\n]{0,30}?(?:\\bto\\b|到|为)\\s*${amount}`,
    ),
    read: ([, length]) => ({ op: 'set_length', lengthMs: seconds(length) }),
  },
  { pattern: /\b(?:shorter|shorten)\b|短一点|缩短|更短/i, read: () => ({ op: 'scale_length', factor: 0.7 }) },
  {
    pattern: /\b(?:longer|lengthen|extend)\b|长一点|延长|更长/i,
    read: () => ({ op: 'scale_length', factor: 1.3 }),
  },
  { pattern: /\btrim\b|\bcut\b|修剪|剪掉/i, read: () => ({ op: 'scale_length', factor: 0.8 }) },
]

const speedRules: readonly Rule[] = [
  {
    pattern: /\b(\d(?:\.\d{1,2})?)\s*(?:x|×|倍)(?![\d\w])/i,
    read: ([, factor]) => (Number(factor) > 0 ? { op: 'change_speed', factor: Number(factor) } : null),
  },
  {
    pattern: /\b(?:slow(?:er|ly| it| down)?|slow[- ]motion)\b|慢/i,
    read: () => ({ op: 'change_speed', factor: 0.75 }),
  },
  {
    pattern: /\b(?:faster|speed (?:it )?up|quicker)\b|快一点|加快|更快/i,
    read: () => ({ op: 'change_speed', factor: 1.25 }),
  },
  { pattern: /\bfade\b|淡入|淡出/i, read: () => ({ op: 'fade', inMs: 500, outMs: 500 }) },
]

/** Of each group at most one rule applies, the first that fits. */
const ruleGroups = [titleRules, musicRules, subtitleRules, lengthRules, speedRules]

/** What lies beyond is not read, so that no text can keep the patterns busy. */
const readableLength = 2000

/** The edits that a message asks for, in English or Chinese; none when it asks for something unknown. */
export const readEdits = (text: string): readonly Operation[] => {
  let unread = text.slice(0, readableLength)
  return ruleGroups.flatMap((rules) => {
    for (const { pattern, read } of rules) {
      const match = pattern.exec(unread)
      const operation = match === null ? null : read(match, unread)
      if (match === null || operation === null) continue
      unread = unread.replace(match[0], ' ')
      return [operation]
    }
    return []
  })
}

const colorOperation = (text: string): Operation | null => {
  const color = findColor(text)
  return color === null ? null : { op: 'color_title', color }
}

/** "title to red" is a color, "title to Red Dawn" is a text. */
const readTitleText = (said: string): Operation | null => {
  const text = (quoted.exec(said)?.[1] ?? said.replace(/[.!。！\s]+$/, '')).trim()
  if (text === '') return null
  const color = findColor(text)
  return color !== null && !/\s/.test(text)
    ? { op: 'color_title', color }
    : { op: 'set_title', text: text.slice(0, 80) }
}

const positionNamed = (said: string): string => {
  if (/bottom|底部/i.test(said)) return 'bottom-center'
  return /center|middle|中间/i.test(said) ? 'center' : 'top-center'
}
