import { megabytes, type Skill, standardCredits, standardOutput } from './skill.ts'

export const higgsfieldFreeVideoGeneration = {
  name: 'higgsfield-free-video-generation',
  title: 'Higgsfield Free Video Generation',
  summary: 'Generates a video from a text prompt and can work long clips into it.',
  // The one version that its page shows.
  attribution: { source: 'higgsfield-free-video-generation', version: '1.0.0' },
  accepts: ['mp4', 'mov', 'webm', 'gif'],
  maxSizeBytes: megabytes(500),
  requiredInputs: [],
  defaults: standardOutput,
  creditEstimates: standardCredits,
  typicalSeconds: { min: 60, max: 180 },
} as const satisfies Skill
