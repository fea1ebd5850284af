import { findInputType, type InputKind, inputTypes } from './input-type.ts'
import type { Skill } from './skill.ts'

/** What is known of one input. All null for a URL that nobody has fetched yet: it is not judged (api.md §1). */
export interface InputFacts {
  readonly kind: InputKind | null
  readonly contentType: string | null
  readonly sizeBytes: number | null
}

export interface InputProblem {
  /** Which input; null when the fault is one that is not there. */
  readonly index: number | null
  readonly code: 'unsupported_media_type' | 'media_too_large' | 'missing_input'
  readonly detail: string
}

const inWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** Megabytes for people, rounded up, so that a file over a limit never reads as equal to it. */
const inMegabytes = (sizeBytes: number): string => `${Math.ceil(sizeBytes / 10_000) / 100} MB`

/** What the skill takes, in words: `jpg, jpeg, png and webp`. */
const acceptedExtensions = (skill: Skill): string =>
  inWords(skill.accepts.flatMap((name) => inputTypes[name].extensions))

const checkInput = (skill: Skill, { contentType, sizeBytes }: InputFacts, index: number): InputProblem[] => {
  const problems: InputProblem[] = []
  const type = contentType === null ? null : findInputType(contentType)
  if (contentType !== null && (type === null || !skill.accepts.includes(type.name)))
    problems.push({
      index,
      code: 'unsupported_media_type',
      detail: `${contentType} is not accepted by ${skill.name}, which accepts ${acceptedExtensions(skill)}`,
    })
  if (sizeBytes !== null && sizeBytes > skill.maxSizeBytes)
    problems.push({
      index,
      code: 'media_too_large',
      detail: `${inMegabytes(sizeBytes)} is more than ${skill.name} accepts, which is ${inMegabytes(skill.maxSizeBytes)} a file`,
    })
  return problems
}

const checkRequired = (skill: Skill, inputs: readonly InputFacts[]): InputProblem[] =>
  skill.requiredInputs.flatMap(({ kind, min }): InputProblem[] => {
    const count = inputs.filter((input) => input.kind === kind || input.kind === null).length
    if (count >= min) return []
    const accepted = inWords(
      skill.accepts.flatMap((name) => (inputTypes[name].kind === kind ? inputTypes[name].extensions : [])),
    )
    const detail = `${skill.name} needs at least ${min} ${kind} among its inputs (${accepted}), and got ${count}`
    return [{ index: null, code: 'missing_input', detail }]
  })

/**
 * Every fault of a job's inputs under a skill's rules, in order; empty when they may be sent. An input of unknown kind
 * (a URL for the provider to fetch) counts for whatever is required.
 */
export const checkInputs = (skill: Skill, inputs: readonly InputFacts[]): InputProblem[] => [
  ...inputs.flatMap((input, index) => checkInput(skill, input, index)),
  ...checkRequired(skill, inputs),
]
