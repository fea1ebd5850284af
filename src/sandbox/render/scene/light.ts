import { type Color, darken, desaturate, hex, lighten, mix } from '../color.ts'
import type { SceneSpec, TimeOfDay, Weather } from '../scene-spec.ts'

/** How the time of day and the weather color everything. Positions are fractions of the canvas. */
export interface Light {
  /** From the zenith to the horizon, evenly spread. */
  readonly sky: readonly Color[]
  readonly sun: Luminary | null
  readonly moon: Luminary | null
  /** How many of the stars can be seen, 0 to 1. */
  readonly stars: number
  readonly cloudLit: Color
  readonly cloudShade: Color
  /** What far things fade into. */
  readonly haze: Color
  /** What near things are when the light is behind them. */
  readonly shade: Color
  /** Falls on colored things: mixed in by `ambientStrength`. */
  readonly ambient: Color
  readonly ambientStrength: number
  readonly waterDeep: Color
}

export interface Luminary {
  readonly disk: Color
  readonly glow: Color
  readonly x: number
  /** Above the horizon, as a fraction of the sky's height. */
  readonly altitude: number
  /** As a fraction of the short side. */
  readonly radius: number
}

export function lightOf(scene: SceneSpec): Light {
  const clear = { ...clearLight[scene.time] }
  return tint(weathered(clear, scene), scene.palette.accents)
}

/** A surface of `color` as it looks in this light. */
export function litBy(light: Light, color: Color): Color {
  const multiplied: Color = [
    (color[0] * light.ambient[0]) / 255,
    (color[1] * light.ambient[1]) / 255,
    (color[2] * light.ambient[2]) / 255,
  ]
  return mix(color, multiplied, light.ambientStrength)
}

const clearLight: Readonly<Record<TimeOfDay, Light>> = {
  dawn: {
    sky: ['#4a6ca8', '#7f9bcb', '#c4b3cf', '#f3c3b4', '#ffdfb0'].map(hex),
    sun: { disk: hex('#fff6dc'), glow: hex('#ffcf94'), x: 0.36, altitude: 0.16, radius: 0.05 },
    moon: null,
    stars: 0,
    cloudLit: hex('#fff0dc'),
    cloudShade: hex('#9a92b8'),
    haze: hex('#f0cdbb'),
    shade: hex('#2b3350'),
    ambient: hex('#f6cfc0'),
    ambientStrength: 0.6,
    waterDeep: hex('#34527d'),
  },
  day: {
    sky: ['#1d66bd', '#3f8ad8', '#74b3ea', '#a9d4f4', '#dcf0fa'].map(hex),
    sun: { disk: hex('#fffdf2'), glow: hex('#fff3c8'), x: 0.72, altitude: 0.74, radius: 0.045 },
    moon: null,
    stars: 0,
    cloudLit: hex('#ffffff'),
    cloudShade: hex('#9db7d3'),
    haze: hex('#c3ddef'),
    shade: hex('#22402f'),
    ambient: hex('#ffffff'),
    ambientStrength: 0,
    waterDeep: hex('#12568a'),
  },
  sunset: {
    sky: ['#1f2557', '#513172', '#a8446f', '#ee7054', '#ffa94f', '#ffd683'].map(hex),
    sun: { disk: hex('#fff4c9'), glow: hex('#ff9440'), x: 0.54, altitude: 0.13, radius: 0.082 },
    moon: null,
    stars: 0,
    cloudLit: hex('#ffb071'),
    cloudShade: hex('#54305f'),
    haze: hex('#d97a62'),
    shade: hex('#1c1430'),
    ambient: hex('#f39a6d'),
    ambientStrength: 0.7,
    waterDeep: hex('#22204a'),
  },
  dusk: {
    sky: ['#131a41', '#272e66', '#4f4786', '#8d6399', '#d08ea0', '#f3b7a0'].map(hex),
    sun: null,
    moon: { disk: hex('#fdf3e2'), glow: hex('#b9b2e6'), x: 0.76, altitude: 0.68, radius: 0.034 },
    stars: 0.35,
    cloudLit: hex('#e39fb0'),
    cloudShade: hex('#3b3a70'),
    haze: hex('#9a7aa8'),
    shade: hex('#14162f'),
    ambient: hex('#a39be0'),
    ambientStrength: 0.6,
    waterDeep: hex('#1c2352'),
  },
  night: {
    sky: ['#040714', '#080f26', '#0f1c3f', '#1a2c58', '#2b406f'].map(hex),
    sun: null,
    moon: { disk: hex('#f5f3e6'), glow: hex('#8ea6e0'), x: 0.7, altitude: 0.66, radius: 0.055 },
    stars: 1,
    cloudLit: hex('#5a6c9c'),
    cloudShade: hex('#141d3b'),
    haze: hex('#2a3a66'),
    shade: hex('#050813'),
    ambient: hex('#6f86c8'),
    ambientStrength: 0.8,
    waterDeep: hex('#071229'),
  },
}

const weatherGray: Readonly<
  Record<Weather, { readonly amount: number; readonly dark: number; readonly pale: number }>
> = {
  clear: { amount: 0, dark: 0, pale: 0 },
  snow: { amount: 0.2, dark: 0.04, pale: 0.04 },
  fog: { amount: 0.45, dark: 0.05, pale: 0.28 },
  rain: { amount: 0.6, dark: 0.3, pale: 0 },
  storm: { amount: 0.65, dark: 0.5, pale: 0 },
}

function weathered(light: Light, { weather, time }: SceneSpec): Light {
  const { amount, pale, ...gloom } = weatherGray[weather]
  const dark = gloom.dark * (time === 'night' ? 0.25 : 1)
  if (amount === 0) return light
  const gray = (color: Color) => lighten(darken(desaturate(color, amount), dark), pale)
  const hidesSun = weather === 'rain' || weather === 'storm'
  const dim = (luminary: Luminary | null) =>
    luminary && { ...luminary, disk: mix(luminary.disk, luminary.glow, 0.3), glow: gray(luminary.glow) }
  return {
    ...light,
    sky: light.sky.map(gray),
    sun: hidesSun ? null : dim(light.sun),
    moon: hidesSun ? null : dim(light.moon),
    stars: light.stars * (1 - amount),
    cloudLit: gray(light.cloudLit),
    cloudShade: gray(light.cloudShade),
    haze: gray(light.haze),
    shade: gray(light.shade),
    ambient: gray(light.ambient),
    ambientStrength: Math.max(light.ambientStrength, amount * 0.6),
    waterDeep: gray(light.waterDeep),
  }
}

/** Words such as "purple" or "golden" pull the sky toward that color, most where the sky is neither dark nor bright. */
function tint(light: Light, accents: readonly string[]): Light {
  const first = accents[0]
  if (first === undefined) return light
  const accent = hex(first)
  const last = light.sky.length - 1
  const sky = light.sky.map((color, index) =>
    mix(color, accent, 0.42 * Math.sin((Math.PI * (index + 0.6)) / (last + 1.2))),
  )
  return { ...light, sky, haze: mix(light.haze, accent, 0.3), cloudLit: mix(light.cloudLit, accent, 0.2) }
}
