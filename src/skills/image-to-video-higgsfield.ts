import { megabytes, type Skill, standardCredits, standardOutput } from './skill.ts'

export const imageToVideoHiggsfield = {
  name: 'image-to-video-higgsfield',
  title: 'Image to Video – Higgsfield',
  summary: 'Animates one or more photos into a video that follows the prompt.',
  // Its version is not published; a skill's first release on the marketplace is 1.0.0.
  attribution: { source: 'image-to-video-higgsfield', version: '1.0.0' },
  accepts: ['jpg', 'png', 'webp', 'heic'],
  maxSizeBytes: megabytes(20),
  requiredInputs: [{ kind: 'image', min: 1 }],
  defaults: standardOutput,
  creditEstimates: standardCredits,
  typicalSeconds: { min: 30, max: 90 },
} as const satisfies Skill
