import { megabytes, type Skill, standardCredits, standardOutput } from './skill.ts'

export const freeVideoGenerationApi = {
  name: 'free-video-generation-api',
  title: 'Free Video Generation API',
  summary: 'Generates a video from a text prompt or images; the skill used when a job names none.',
  // Its version is not published; a skill's first release on the marketplace is 1.0.0.
  attribution: { source: 'free-video-generation-api', version: '1.0.0' },
  // Its list of formats names only the first four, its text says "text prompts or images": still images are the rest.
  accepts: ['mp4', 'mov', 'webm', 'gif', 'jpg', 'png', 'webp'],
  maxSizeBytes: megabytes(200),
  requiredInputs: [],
  defaults: standardOutput,
  creditEstimates: standardCredits,
  typicalSeconds: { min: 30, max: 90 },
} as const satisfies Skill
