/** The catalog of skills (architecture.md §7). A new skill is one data file and one line here. */
import { freeVideoGenerationApi } from './free-video-generation-api.ts'
import { higgsfieldFreeVideoGeneration } from './higgsfield-free-video-generation.ts'
import { imageToVideoHiggsfield } from './image-to-video-higgsfield.ts'
import type { Skill } from './skill.ts'
import { textToVideoHiggsfield } from './text-to-video-higgsfield.ts'

export const skills = {
  [freeVideoGenerationApi.name]: freeVideoGenerationApi,
  [higgsfieldFreeVideoGeneration.name]: higgsfieldFreeVideoGeneration,
  [imageToVideoHiggsfield.name]: imageToVideoHiggsfield,
  [textToVideoHiggsfield.name]: textToVideoHiggsfield,
} as const satisfies Record<string, Skill>

export type SkillName = keyof typeof skills

export const skillNames = Object.keys(skills) as SkillName[]

/** What a job that names no skill gets. */
export const defaultSkillName: SkillName = 'free-video-generation-api'

/** The skill of that name, or null. */
export const findSkill = (name: string): Skill | null =>
  Object.hasOwn(skills, name) ? skills[name as SkillName] : null

export { checkInputs, type InputFacts } from './check-inputs.ts'
export { composeMessage, outputSentence } from './message.ts'
export type { Skill } from './skill.ts'
