import { describe, expect, it } from 'vitest'
import { defaultSkillName, findSkill, skillNames, skills } from '../../../src/skills/index.ts'
import { findInputType, inputTypes } from '../../../src/skills/input-type.ts'

describe('the catalog of skills', () => {
  it('holds the four published skills', () => {
    expect(skillNames.toSorted()).toEqual([
      'free-video-generation-api',
      'higgsfield-free-video-generation',
      'image-to-video-higgsfield',
      'text-to-video-higgsfield',
    ])
  })

  it('finds a skill by its name', () => {
    expect(findSkill('image-to-video-higgsfield')).toBe(skills['image-to-video-higgsfield'])
  })

  it.each(['', 'nemo', 'Free-Video-Generation-API', '__proto__', 'constructor', 'toString'])(
    'finds nothing under %j',
    (name) => expect(findSkill(name)).toBeNull(),
  )

  it('uses the general skill when a job names none', () => {
    expect(findSkill(defaultSkillName)?.name).toBe('free-video-generation-api')
  })

  it.each(skillNames)('attributes %s to itself under a semantic version', (name) => {
    const { attribution } = skills[name]
    expect(attribution.source).toBe(name)
    expect(attribution.version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it.each([
    ['text-to-video-higgsfield', 200_000_000, ['txt', 'png', 'jpg', 'mp4'], [30, 90]],
    ['image-to-video-higgsfield', 20_000_000, ['jpg', 'png', 'webp', 'heic'], [30, 90]],
    ['higgsfield-free-video-generation', 500_000_000, ['mp4', 'mov', 'webm', 'gif'], [60, 180]],
    ['free-video-generation-api', 200_000_000, ['mp4', 'mov', 'webm', 'gif', 'jpg', 'png', 'webp'], [30, 90]],
  ] as const)('takes what %s advertises', (name, maxSizeBytes, accepts, [min, max]) => {
    expect(skills[name]).toMatchObject({
      maxSizeBytes,
      accepts,
      typicalSeconds: { min, max },
      defaults: { format: 'mp4', quality: 'high', resolution: '1080p' },
      creditEstimates: { generation: 100, edit: 50 },
    })
  })

  it.each(skillNames)('sends only what the provider takes, or can be turned into it, for %s', (name) => {
    const direct = [
      'mp4',
      'mov',
      'avi',
      'webm',
      'mkv',
      'jpg',
      'png',
      'gif',
      'webp',
      'mp3',
      'wav',
      'm4a',
      'aac',
    ]
    for (const type of skills[name].accepts) {
      const { sentAs } = inputTypes[type]
      expect(sentAs === 'file').toBe(direct.includes(type))
    }
  })
})

describe('the types of inputs', () => {
  it('are found by content type', () => {
    expect(findInputType('image/jpeg')).toMatchObject({ name: 'jpg', kind: 'image', sentAs: 'file' })
    expect(findInputType('image/heif')).toMatchObject({ name: 'heic', sentAs: 'jpeg' })
    expect(findInputType('text/plain')).toMatchObject({ name: 'txt', sentAs: 'prompt_text' })
    expect(findInputType('image/svg+xml')).toBeNull()
  })

  it('have no content type and no extension twice', () => {
    const all = Object.values(inputTypes)
    for (const values of [all.flatMap((type) => type.contentTypes), all.flatMap((type) => type.extensions)])
      expect(new Set<string>(values).size).toBe(values.length)
  })
})
