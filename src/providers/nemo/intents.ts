import type { MessageIntent } from '../provider.ts'
import { closings, openings } from './courtesies.ts'
import { type Action, phrases, words } from './intent-words.ts'
import { chineseClosings, chineseOpenings, chinesePhrases } from './intent-words-zh.ts'

/** A request that needs no agent is short; anything longer describes something. */
const maxLength = 90

/**
 * Routes a message before anything goes to the agent (upstream-protocol.md §6.1), in English and Chinese. Only a
 * message that is such a request and nothing else is kept from the agent: the words alone prove nothing.
 */
export const routeMessage = (text: string): MessageIntent => {
  if (text.length > maxLength * 4) return { action: 'generate' }
  const message = normalize(text)
  if (message === '' || message.length > maxLength) return { action: 'generate' }
  const candidates = hasHan(message) ? chineseCandidates(message) : englishCandidates(message)
  const action = actions.find((name) => candidates.some((candidate) => patterns[name].test(candidate)))
  if (action === undefined) return { action: 'generate' }
  return action === 'subtitles' ? { action, format: /vtt/.test(message) ? 'vtt' : 'srt' } : { action }
}

/** Lower case, no punctuation, single blanks; none at all beside Chinese characters. */
const normalize = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’`]/g, '')
    .replace(/[\p{P}\p{S}\p{C}\s]+/gu, ' ')
    .replace(/ ?(\p{Script=Han}) ?/gu, '$1')
    .trim()

const hasHan = (text: string): boolean => /\p{Script=Han}/u.test(text)

/** The message itself, and what is left of it without courtesies. */
const englishCandidates = (message: string): string[] => {
  let rest = ` ${message} `
  for (let before = ''; rest !== before; ) {
    before = rest
    const opening = openings.find((words) => rest.startsWith(` ${words} `))
    if (opening !== undefined) rest = rest.slice(opening.length + 1)
    const closing = closings.find((words) => rest.endsWith(` ${words} `))
    if (closing !== undefined) rest = rest.slice(0, -closing.length - 1)
  }
  return [`${message} `, rest.trimStart()]
}

/** A courtesy may also be the beginning of the request (给我, 好了吗), so every stage of taking off is tried. */
const chineseCandidates = (message: string): string[] => {
  const candidates = new Set([message])
  for (const candidate of candidates) {
    for (const words of chineseOpenings) {
      if (candidate.startsWith(words)) candidates.add(candidate.slice(words.length))
    }
    for (const words of chineseClosings) {
      if (candidate.endsWith(words)) candidates.add(candidate.slice(0, -words.length))
    }
  }
  return [...candidates]
}

const actions: readonly Action[] = ['subtitles', 'export', 'credits', 'status', 'upload']

/** The words of a phrase, each followed by a blank, with its `<names>` filled in. */
const toSource = (phrase: string): string =>
  phrase
    .split(' ')
    .map((word) => {
      const slot = /^<(\w+)>(\??)$/.exec(word)
      if (slot === null) return `${word} `
      const [, name = '', optional = ''] = slot
      const alternatives = words[name]
      if (alternatives === undefined) throw new Error(`no words are called ${name}`)
      return `(?:${alternatives.map(toSource).join('|')})${optional}`
    })
    .join('')

const toPattern = (action: Action): RegExp => {
  const sources = [...phrases[action].map(toSource), ...chinesePhrases[action]]
  return new RegExp(`^(?:${sources.join('|')})$`)
}

const patterns: Readonly<Record<Action, RegExp>> = {
  subtitles: toPattern('subtitles'),
  export: toPattern('export'),
  credits: toPattern('credits'),
  status: toPattern('status'),
  upload: toPattern('upload'),
}
