/** `default` alternates the two documented spellings; `mixed` goes through all that a client must swallow (E8). */
export const heartbeatSpellings = [
  'default',
  'none',
  'json',
  'comment',
  'event',
  'word',
  'blank',
  'mixed',
] as const
export type HeartbeatSpelling = (typeof heartbeatSpellings)[number]

export const heartbeatEveryMs = 15_000

const documented = ['data: heartbeat\n\n', 'data:\n\n']
const blank = 'data: \n\n'
const json = 'data: {"type":"heartbeat"}\n\n'
const comment = ': ping\n\n'
const event = 'event: heartbeat\ndata:\n\n'
const word = 'heartbeat\n\n'

const cycles: Readonly<Record<HeartbeatSpelling, readonly string[]>> = {
  default: documented,
  none: [],
  json: [json],
  comment: [comment],
  event: [event],
  word: [word],
  blank: [blank],
  mixed: [...documented, blank, json, comment, event, word],
}

/** Every spelling of the chosen kind once, in the order in which they take turns. */
export const heartbeatCycle = (spelling: HeartbeatSpelling): readonly string[] => cycles[spelling]
