import { megabytes, type Skill, standardCredits, standardOutput } from './skill.ts'

export const textToVideoHiggsfield = {
  name: 'text-to-video-higgsfield',
  title: 'Text to Video – Higgsfield',
  summary: 'Turns a text prompt, and optionally a script, pictures or clips, into a finished video.',
  // Its version is not published; a skill's first release on the marketplace is 1.0.0.
  attribution: { source: 'text-to-video-higgsfield', version: '1.0.0' },
  accepts: ['txt', 'png', 'jpg', 'mp4'],
  maxSizeBytes: megabytes(200),
  requiredInputs: [],
  defaults: standardOutput,
  creditEstimates: standardCredits,
  typicalSeconds: { min: 30, max: 90 },
} as const satisfies Skill
