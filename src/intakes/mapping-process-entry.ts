/**
 * The inside of the mapping process: one expression at a time, over a payload and nothing else. Many tenants share it,
 * so what belongs to all of them is frozen before any expression runs.
 */
import jsonata from 'jsonata'
import { type MappingFailure, type MappingResult, type MappingTask, mostResultCharacters } from './mapping.ts'

if (process.send === undefined) throw new Error('this process is started by another one, with a channel')
const answer = (message: MappingResult | 'ready'): void => void process.send?.(message)

for (const shared of [Object, Array, String, Number, Boolean, Function, RegExp, Date, Promise, Map, Set]) {
  Object.freeze(shared)
  Object.freeze(shared.prototype)
}
Object.freeze(Math)
Object.freeze(JSON)

/** Kinder than the death of the process, and what ends a loop whose parent is gone. */
const guardrails = { stack: 300, timeout: 10_000 }
const longestDetail = 300
const mostHeld = 200

/** Compiled expressions, by their text: an intake's mapping is the same for all its events. */
const held = new Map<string, ReturnType<typeof jsonata>>()

const compile = (mapping: string): ReturnType<typeof jsonata> => {
  const known = held.get(mapping)
  if (known !== undefined) return known
  const compiled = jsonata(mapping, guardrails as Parameters<typeof jsonata>[1])
  if (held.size >= mostHeld) held.clear()
  held.set(mapping, compiled)
  return compiled
}

const run = async (task: MappingTask): Promise<MappingResult> => {
  const compiled = compile(task.mapping)
  if (task.type === 'check') return { outcome: 'sound' }
  // With bindings of its own, so that nothing is left behind for the next evaluation.
  const found: unknown = await compiled.evaluate(JSON.parse(task.payload), {})
  const json = JSON.stringify(found) ?? null
  // JSON has no word for 1/0: without this, it would be the null that wants no job.
  if (json === 'null' && found !== null) return failed({ detail: 'gives no JSON value', position: null })
  if (json !== null && json.length > mostResultCharacters)
    return failed({ detail: 'gives more than a job may hold', position: null })
  return { outcome: 'mapped', json }
}

const failed = (failure: MappingFailure): MappingResult => ({ outcome: 'failed', failure })

/** JSONata throws plain objects with a code, a message and a position; whatever else is thrown is the mapping's fault too. */
const toFailure = (error: unknown): MappingFailure => {
  const { message, position } = (error ?? {}) as { readonly message?: unknown; readonly position?: unknown }
  const detail = typeof message === 'string' ? message.replace(/\s+/g, ' ') : 'failed'
  const isCircular = detail.startsWith('Converting circular structure')
  return {
    detail: isCircular ? 'gives a function, which is no value' : detail.slice(0, longestDetail),
    position: typeof position === 'number' ? position : null,
  }
}

process.on('message', (task: MappingTask) => {
  void run(task).then(answer, (error: unknown) => answer(failed(toFailure(error))))
})
process.on('disconnect', () => process.exit())
answer('ready')
