import { type Color, hex, mix } from '../color.ts'
import type { Mood } from '../scene-spec.ts'
import { createBokeh } from './bokeh.ts'
import { createFlow } from './flow.ts'
import { createRibbons } from './ribbons.ts'
import type { Painter, View } from './view.ts'

const moodColors: Readonly<Record<Mood, readonly string[]>> = {
  calm: ['#0b2545', '#13699b', '#35b0a8', '#bfe8d4'],
  bright: ['#2a1be0', '#1b7bff', '#2fd4f0', '#ff6fb5'],
  warm: ['#3b1c4a', '#c2385a', '#ff8a4c', '#ffd9a0'],
  tense: ['#0c0d18', '#3a1230', '#a3243b', '#f0a35e'],
  electric: ['#120a3a', '#5b1fd6', '#e0218a', '#22e0ff'],
  dreamy: ['#2a2150', '#6d4fc4', '#e58ac4', '#ffd9cf'],
}

/** For words that name nothing we can draw: flowing color, soft lights and fine ribbons in the mood of the words. */
export function createAbstract(view: View): readonly Painter[] {
  const colors = abstractColors(view)
  return [createFlow(view, colors), createRibbons(view, colors), createBokeh(view, colors)]
}

function abstractColors(view: View): readonly Color[] {
  const base = moodColors[view.scene.palette.mood].map(hex)
  const accents = view.scene.palette.accents.map(hex)
  const [deep = hex('#0f2a4a'), ...rest] = base
  const first = accents[0]
  if (!first) return base
  return [mix(deep, first, 0.15), ...accents, ...rest].slice(0, 4)
}
