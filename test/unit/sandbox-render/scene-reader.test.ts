import { describe, expect, it } from 'vitest'
import { planClip } from '../../../src/sandbox/render/clip-plan.ts'
import { readScene } from '../../../src/sandbox/render/scene-reader.ts'

describe('a scene that comes back from a client', () => {
  it('is read as it was planned', () => {
    const { scene } = planClip('a red car and two dogs on a beach under a golden sky')
    expect(readScene(JSON.parse(JSON.stringify(scene)))).toEqual(scene)
  })

  it('gets plain defaults for what is missing, unknown or of the wrong type', () => {
    const scene = readScene({
      time: 'tea time',
      layers: ['forest', 'lava', 5],
      subjects: [{ kind: 'dragon' }, { kind: 'dog', pace: 'fly', count: -2, color: 'url(x)' }, null],
      palette: { accents: ['#ff0000', 'javascript:', 3], mood: 9 },
      seed: 'x',
    })
    expect(scene).toMatchObject({
      time: 'day',
      weather: 'clear',
      layers: ['forest'],
      subjects: [{ kind: 'dog', pace: 'walk', count: 1, color: null }],
      palette: { accents: ['#ff0000'], mood: 'calm' },
    })
    expect(Number.isInteger(scene.seed)).toBe(true)
  })

  it.each([null, undefined, 'night', 7, []])('is an abstract one for %j', (value) => {
    expect(readScene(value)).toMatchObject({ sky: 'abstract', ground: 'none' })
  })
})
