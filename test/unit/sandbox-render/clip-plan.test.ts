import { describe, expect, it } from 'vitest'
import { planClip } from '../../../src/sandbox/render/clip-plan.ts'

describe('the length of a clip', () => {
  it.each([
    ['a fox in the snow', 5000],
    ['a 5-second clip of a fox', 5000],
    ['a fox, 10 s', 10_000],
    ['a fox for 8 seconds', 8000],
    ['a ten-second clip of a fox', 10_000],
    ['a 30s clip of a fox', 30_000],
    ['a fox, 2.5 seconds', 2500],
    ['一只狐狸，5秒', 5000],
    ['十五秒的狐狸视频', 15_000],
    ['a one-minute clip of a fox', 30_000],
    ['a fox, 0.2 seconds', 1000],
    ['a street of the 1990s', 5000],
    ['the 80s in neon', 5000],
  ])('of "%s" is %i ms', (prompt, durationMs) => {
    expect(planClip(prompt).durationMs).toBe(durationMs)
  })
})

describe('the canvas of a clip', () => {
  it.each([
    ['a fox', '16:9', 1920, 1080],
    ['a fox, 9:16', '9:16', 1080, 1920],
    ['a vertical video of a fox', '9:16', 1080, 1920],
    ['a fox in portrait orientation', '9:16', 1080, 1920],
    ['a square video of a fox', '1:1', 1080, 1080],
    ['a fox, 4:5', '4:5', 1080, 1350],
    ['竖屏的狐狸', '9:16', 1080, 1920],
    ['横屏的狐狸', '16:9', 1920, 1080],
    ['a fox, 720p', '16:9', 1280, 720],
    ['a vertical fox in 720p', '9:16', 720, 1280],
    ['a fox in 4K', '16:9', 1920, 1080],
    ['a fox, 21:9', '21:9', 1920, 822],
  ])('of "%s" is %s, %i by %i', (prompt, ratio, width, height) => {
    expect(planClip(prompt)).toMatchObject({ ratio, width, height })
  })

  it.each(['a portrait of an old sailor', 'a busy town square at noon'])(
    'of "%s" is not misled by its subject',
    (prompt) => {
      expect(planClip(prompt).ratio).toBe('16:9')
    },
  )
})

describe('the closing output sentence', () => {
  const prompt = 'A vertical 12-second clip of a lake at dawn. Output: 16:9 aspect ratio, 720p, 7 seconds.'

  it('wins over the prose', () => {
    expect(planClip(prompt)).toMatchObject({ durationMs: 7000, ratio: '16:9', width: 1280, height: 720 })
  })

  it('changes neither the title nor the picture', () => {
    const plain = planClip('A vertical 12-second clip of a lake at dawn.')
    expect(planClip(prompt)).toMatchObject({ title: plain.title, scene: plain.scene, seed: plain.seed })
  })
})

describe('the title of a clip', () => {
  it.each([
    ['a cinematic video clip of a sunset over the ocean', 'Sunset over the Ocean'],
    ['a city street at night with neon reflections on wet pavement', 'City Street at Night'],
    ['a fox running through a snowy forest at dusk', 'Fox Running through a Snowy Forest'],
    ['animate this photo into a cinematic clip', 'Photo in Motion'],
    [
      'Please generate a 10-second vertical video of two horses galloping across a meadow',
      'Two Horses Galloping',
    ],
    ['生成一段5秒的竖屏视频：日落时分海上的帆船', '日落时分海上的帆船'],
    ['', 'Untitled Clip'],
  ])('of "%s" is "%s"', (prompt, title) => {
    expect(planClip(prompt).title).toBe(title)
  })

  it('stays short, whatever is asked', () => {
    const prompt = `an unbelievably ${'long '.repeat(60)}description of nothing`
    expect(planClip(prompt).title.length).toBeLessThanOrEqual(34)
  })
})

describe('the picture of a clip', () => {
  it.each([
    ['a cinematic video clip of a sunset over the ocean', { time: 'sunset', ground: 'sea' }],
    [
      'a city street at night with neon reflections on wet pavement',
      { time: 'night', ground: 'street', layers: ['street'] },
    ],
    [
      'a fox running through a snowy forest at dusk',
      { time: 'dusk', weather: 'snow', ground: 'snow', layers: ['forest'], motion: 'track' },
    ],
    ['animate this photo into a cinematic clip', { sky: 'abstract', ground: 'none' }],
    [
      'mountains above a lake in the rain',
      { ground: 'lake', layers: ['mountains'], weather: 'rain', sky: 'overcast' },
    ],
    ['driving through the desert', { ground: 'road', layers: ['dunes'] }],
    ['northern lights', { sky: 'aurora', time: 'night', ground: 'snow' }],
    ['一只狐狸在雪中的森林里奔跑，黄昏', { time: 'dusk', weather: 'snow', layers: ['forest'] }],
    ['our new product', { sky: 'abstract' }],
  ])('for "%s" holds what the words name', (prompt, scene) => {
    expect(planClip(prompt).scene).toMatchObject(scene)
  })

  it('shows subjects with their pace, number and color', () => {
    expect(planClip('three black horses galloping on a beach').scene.subjects).toEqual([
      { kind: 'horse', pace: 'run', count: 3, color: '#23232b' },
    ])
    expect(planClip('driving a blue car').scene.subjects[0]).toMatchObject({ kind: 'car', color: '#2f74e0' })
  })

  it('takes its accents from colors that no subject wears', () => {
    const { palette } = planClip('a red car under a purple sky').scene
    expect(palette.accents).toEqual(['#8a4fe0'])
  })

  it('gives an animal at the water ground to stand on', () => {
    expect(planClip('a dog by the lake').scene.layers).toContain('beach')
  })

  it('is the same for the same words and differs for others', () => {
    expect(planClip('Waves at night ')).toEqual(planClip('waves at night'))
    expect(planClip('waves at night').seed).not.toBe(planClip('waves at dawn').seed)
  })

  it('is plain JSON', () => {
    const { scene } = planClip('birds over misty mountains')
    expect(JSON.parse(JSON.stringify(scene))).toEqual(scene)
  })
})
