import type { Ground, SceneLayer, SceneSubject, SubjectKind, Weather } from './scene-spec.ts'
import {
  auroraWords,
  findWord,
  flowerWords,
  type Setting,
  settingWords,
  timeWords,
} from './scene-vocabulary.ts'

/** Where each subject is at home when the words name no place. */
const homes: Readonly<Record<SubjectKind, Setting>> = {
  fox: 'forest',
  wolf: 'forest',
  deer: 'forest',
  dog: 'meadow',
  cat: 'meadow',
  horse: 'meadow',
  bird: 'sky',
  person: 'meadow',
  car: 'road',
  boat: 'sea',
  dolphin: 'sea',
  balloon: 'mountains',
  train: 'meadow',
  plane: 'sky',
  rocket: 'space',
  butterfly: 'meadow',
}

/** Those that need ground to stand on. */
export const walkers: ReadonlySet<SubjectKind> = new Set([
  'fox',
  'wolf',
  'dog',
  'cat',
  'horse',
  'deer',
  'person',
  'car',
])

/** The place: named, or the subject's home, or where such weather or light looks best; null when nothing suggests one. */
export function settingOf(text: string, subjects: readonly SceneSubject[], weather: Weather): Setting | null {
  const named = findWord(settingWords, text)
  if (named !== null) return named
  const subject = subjects[0]
  if (subject) return homes[subject.kind]
  if (auroraWords.test(text)) return 'mountains'
  if (weather === 'snow' || weather === 'fog') return 'forest'
  if (weather === 'rain') return 'street'
  if (weather === 'storm') return 'sea'
  const time = findWord(timeWords, text)
  if (time === 'sunset' || time === 'dawn') return 'sea'
  if (time === 'night' || time === 'dusk') return 'lake'
  return time === 'day' ? 'meadow' : null
}

export function groundOf(text: string, setting: Setting, weather: Weather): Ground {
  switch (setting) {
    case 'space':
      return 'none'
    case 'street':
    case 'road':
      return setting
    case 'sea':
    case 'beach':
      return 'sea'
    case 'lake':
    case 'city':
      return 'lake'
    case 'desert':
      return 'sand'
    case 'forest':
    case 'mountains':
    case 'meadow':
    case 'sky':
      return weather === 'snow' || auroraWords.test(text) ? 'snow' : 'grass'
  }
}

/** The setting's own layers and those of the other places that the words name: "mountains above a lake". */
export function layersOf(
  text: string,
  setting: Setting,
  subjects: readonly SceneSubject[],
): readonly SceneLayer[] {
  if (setting === 'space') return ['planet']
  if (setting === 'street') return ['street']
  const named = new Set(settingWords.filter(([, pattern]) => pattern.test(text)).map(([place]) => place))
  const has = (place: Setting) => place === setting || named.has(place)
  const isOnWater = setting === 'sea' || setting === 'lake' || setting === 'city'
  const isOpenSea = (setting === 'sea' || setting === 'beach') && !has('city') && !has('mountains')
  const isBareRoad = setting === 'road' && !has('mountains') && !has('desert')
  const needsShore = isOnWater && subjects.some((subject) => walkers.has(subject.kind))
  const candidates: readonly (readonly [SceneLayer, boolean])[] = [
    ['mountains', has('mountains') || (setting === 'lake' && !has('city') && !has('forest'))],
    ['dunes', has('desert')],
    ['hills', has('meadow') || setting === 'sky' || isBareRoad || (setting === 'lake' && has('forest'))],
    ['skyline', has('city')],
    ['island', isOpenSea],
    ['beach', has('beach') || needsShore],
    ['forest', setting === 'forest'],
    ['flowers', setting === 'meadow' && flowerWords.test(text)],
  ]
  return candidates.filter(([, isThere]) => isThere).map(([layer]) => layer)
}
