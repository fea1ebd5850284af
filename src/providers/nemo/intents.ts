import type { MessageIntent } from '../provider.ts'
import { closings, openings } from './courtesies.ts'
import { type Action, phrases, words } from './intent-words.ts'
import {
  chineseClosings,
  chineseOpenings,
  chineseParticles,
  chinesePhrases,
  politeQuestion,
} from './intent-words-zh.ts'

/** A request that needs no agent is short; anything longer describes something. */
const maxLength = 90
/** Chinese says as much in fewer characters. */
const maxChineseLength = 40

/**
 * Routes a message before anything goes to the agent (upstream-protocol.md §6.1), in English and Chinese. Only a
 * message that is such a request and nothing else is kept from the agent: the words alone prove nothing. A question
 * whether something was done is about the state, and never does it.
 */
export const routeMessage = (text: string): MessageIntent => {
  if (text.length > maxLength * 4) return { action: 'generate' }
  const message = normalize(text)
  if (message === '' || message.length > maxLength) return { action: 'generate' }
  if (hasHan(message) && message.length > maxChineseLength) return { action: 'generate' }
  const candidatesFor = hasHan(message) ? chineseCandidates(message) : englishCandidates(message)
  const action = actions.find((name) =>
    candidatesFor(name).some((candidate) => patterns[name].test(candidate)),
  )
  if (action === undefined) return { action: 'generate' }
  return action === 'subtitles' ? { action, format: /vtt/.test(message) ? 'vtt' : 'srt' } : { action }
}

/** The ways to read a message as one that asks for an action. */
type CandidatesFor = (action: Action) => readonly string[]

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
const englishCandidates = (message: string): CandidatesFor => {
  let rest = ` ${message} `
  for (let before = ''; rest !== before; ) {
    before = rest
    const opening = openings.find((words) => rest.startsWith(` ${words} `))
    if (opening !== undefined) rest = rest.slice(opening.length + 1)
    const closing = closings.find((words) => rest.endsWith(` ${words} `))
    if (closing !== undefined) rest = rest.slice(0, -closing.length - 1)
  }
  const candidates = [`${message} `, rest.trimStart()]
  return () => candidates
}

/** What a particle at the end asks (导出了吗) is no request, so none is taken off where one would be carried out. */
const chineseCandidates = (message: string): CandidatesFor => {
  const request = politeQuestion.test(message) ? message.replace(/(?<!了)[吗嗎么]$/u, '') : message
  const toDo = [...takeOff(message, chineseClosings), ...takeOff(request, chineseClosings)]
  const toTell = takeOff(message, [...chineseClosings, ...chineseParticles])
  return (action) => (action === 'export' || action === 'subtitles' ? toDo : toTell)
}

/** A courtesy may also be the beginning of the request (给我, 好了吗), so every stage of taking off is tried. */
const takeOff = (message: string, endings: readonly string[]): string[] => {
  const candidates = new Set([message])
  for (const candidate of candidates) {
    for (const words of chineseOpenings) {
      if (candidate.startsWith(words)) candidates.add(candidate.slice(words.length))
    }
    for (const words of endings) {
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
