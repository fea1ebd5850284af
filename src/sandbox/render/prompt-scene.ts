import type {
  CameraMotion,
  Ground,
  Mood,
  SceneLayer,
  SceneSpec,
  SceneSubject,
  SkyKind,
  SubjectKind,
  TimeOfDay,
  Weather,
} from './scene-spec.ts'
import {
  colorWords,
  findWord,
  moodWords,
  motionWords,
  paceWords,
  type Setting,
  settingWords,
  subjectWords,
  timeWords,
  weatherWords,
} from './scene-vocabulary.ts'

/** Decides what to draw for a prompt. Words that name nothing we can draw give an abstract scene. */
export function sceneOf(prompt: string, seed: number): SceneSpec {
  const text = prompt.toLowerCase()
  const weather = findWord(weatherWords, text) ?? 'clear'
  const subjects = subjectsOf(text)
  const setting = settingOf(text, subjects, weather)
  const time = timeOf(text, setting, weather)
  const accents = accentsOf(text, subjects)
  const mood = moodOf(text, setting, time, weather)
  const motion = findWord(motionWords, text) ?? motionOf(setting, subjects, seed)
  if (setting === null) {
    return {
      time,
      sky: 'abstract',
      weather: 'clear',
      ground: 'none',
      layers: [],
      subjects: [],
      palette: { accents, mood },
      motion: 'drift',
      seed,
    }
  }
  return {
    time,
    sky: skyOf(text, setting, weather, seed),
    weather,
    ground: groundOf(text, setting, weather),
    layers: layersOf(text, setting, subjects),
    subjects,
    palette: { accents, mood },
    motion,
    seed,
  }
}

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

function settingOf(text: string, subjects: readonly SceneSubject[], weather: Weather): Setting | null {
  const named = settingWords.filter(([, pattern]) => pattern.test(text)).map(([setting]) => setting)
  // "mountains above a lake": water below, mountains as a layer; "city street" is a street.
  const first = named[0]
  if (first !== undefined) return first
  const subject = subjects[0]
  if (subject) return homes[subject.kind]
  if (/\b(?:aurora|northern lights)\b|极光/.test(text)) return 'mountains'
  if (weather === 'snow' || weather === 'fog') return 'forest'
  if (weather === 'rain') return 'street'
  if (weather === 'storm') return 'sea'
  const time = findWord(timeWords, text)
  if (time === 'sunset' || time === 'dawn') return 'sea'
  if (time === 'night' || time === 'dusk') return 'lake'
  return time === 'day' ? 'meadow' : null
}

function timeOf(text: string, setting: Setting | null, weather: Weather): TimeOfDay {
  const named = findWord(timeWords, text)
  if (named) return named
  if (setting === 'space') return 'night'
  if (setting === 'street' && weather === 'rain') return 'night'
  return 'day'
}

function skyOf(text: string, setting: Setting, weather: Weather, seed: number): SkyKind {
  if (setting === 'space') return 'space'
  if (/\b(?:aurora|northern lights)\b|极光/.test(text)) return 'aurora'
  if (weather === 'rain' || weather === 'storm') return 'overcast'
  if (/\b(?:clear sky|cloudless|starry|milky way|stars)\b|晴空|星空/.test(text)) return 'clear'
  return setting === 'street' && seed % 3 === 0 ? 'clear' : 'clouds'
}

function groundOf(text: string, setting: Setting, weather: Weather): Ground {
  const isSnowy = weather === 'snow'
  switch (setting) {
    case 'space':
      return 'none'
    case 'street':
      return 'street'
    case 'road':
      return 'road'
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
      return isSnowy || /\b(?:aurora|northern lights)\b|极光/.test(text) ? 'snow' : 'grass'
  }
}

function layersOf(text: string, setting: Setting, subjects: readonly SceneSubject[]): readonly SceneLayer[] {
  const names = new Set(settingWords.filter(([, pattern]) => pattern.test(text)).map(([named]) => named))
  const has = (named: Setting) => named === setting || names.has(named)
  if (setting === 'space') return ['planet']
  if (setting === 'street') return ['street']
  const layers: SceneLayer[] = []
  if (has('mountains') || (setting === 'lake' && !has('city') && !has('forest'))) layers.push('mountains')
  if (has('desert')) layers.push('dunes')
  if (has('meadow') || setting === 'sky' || (setting === 'road' && layers.length === 0)) layers.push('hills')
  if (has('city')) layers.push('skyline')
  if (setting === 'lake' && has('forest')) layers.push('hills')
  if ((setting === 'sea' || setting === 'beach') && !has('city') && !has('mountains')) layers.push('island')
  const isOnWater = setting === 'sea' || setting === 'lake' || setting === 'city'
  if (has('beach') || (isOnWater && subjects.some((subject) => walkers.has(subject.kind))))
    layers.push('beach')
  if (setting === 'forest') layers.push('forest')
  if (
    setting === 'meadow' &&
    /\b(?:flowers?|blossoms?|tulips?|lavender|sunflowers?|gardens?|spring|butterfl(?:y|ies))\b|花|蝴蝶/.test(
      text,
    )
  )
    layers.push('flowers')
  return layers
}

function subjectsOf(text: string): readonly SceneSubject[] {
  const pace = findWord(paceWords, text)
  return subjectWords
    .filter(([, pattern]) => pattern.test(text))
    .slice(0, 3)
    .map(([kind, pattern]) => ({
      kind,
      pace: pace ?? (kind === 'car' || kind === 'train' ? 'run' : 'walk'),
      count: countOf(text, kind, pattern),
      color: colorBefore(text, pattern),
    }))
}

const numberWords: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  several: 4,
  many: 6,
  some: 3,
  两: 2,
  三: 3,
  几: 3,
  群: 5,
}

function countOf(text: string, kind: SubjectKind, pattern: RegExp): number {
  const found = pattern.exec(text)
  if (!found) return 1
  const before = text.slice(Math.max(0, found.index - 24), found.index)
  for (const [word, count] of Object.entries(numberWords)) {
    if (new RegExp(/[a-z]/.test(word) ? `\\b${word}\\b` : word).test(before)) return count
  }
  if (/\b(?:herd|pack|flock|crowd|fleet|group|pair|couple)\b/.test(`${before}${found[0]}`))
    return kind === 'bird' ? 9 : kind === 'person' ? 2 : 4
  const isPlural =
    /(?:s|people|men|women|children|geese|wolves)$/.test(found[0]) && !/^(?:sailing|canvas)$/.test(found[0])
  return isPlural ? (kind === 'bird' ? 7 : 3) : 1
}

/** "a red sports car": the color within the two words before the subject, wherever it is named. */
function colorBefore(text: string, pattern: RegExp): string | null {
  for (const found of text.matchAll(new RegExp(pattern.source, 'g'))) {
    const words = text.slice(0, found.index).trim().split(/\s+/).slice(-2).join(' ')
    const color = findWord(colorWords, words)
    if (color !== null) return color
  }
  return null
}

/** Colors that belong to the whole picture: those that no subject wears. */
function accentsOf(text: string, subjects: readonly SceneSubject[]): readonly string[] {
  const worn = new Set(subjects.map((subject) => subject.color))
  const plain = new Set(['#f4f4f0', '#23232b', '#8d8f99'])
  return colorWords
    .filter(([color, pattern]) => pattern.test(text) && !worn.has(color) && !plain.has(color))
    .map(([color]) => color)
    .slice(0, 3)
}

function moodOf(text: string, setting: Setting | null, time: TimeOfDay, weather: Weather): Mood {
  const named = findWord(moodWords, text)
  if (named) return named
  if (weather === 'storm') return 'tense'
  if (setting === 'street' && time === 'night') return 'electric'
  if (setting === 'space' || time === 'dusk' || weather === 'snow') return 'dreamy'
  if (time === 'sunset' || time === 'dawn') return 'warm'
  return time === 'day' && weather === 'clear' && setting !== null ? 'bright' : 'calm'
}

function motionOf(setting: Setting | null, subjects: readonly SceneSubject[], seed: number): CameraMotion {
  const walksOnGround = subjects.some((subject) => subject.pace === 'run' && walkers.has(subject.kind))
  if (walksOnGround && setting !== 'street' && setting !== 'road') return 'track'
  if (setting === 'street' || setting === 'road' || setting === 'sea' || setting === 'beach') return 'push-in'
  const motions: readonly CameraMotion[] = ['push-in', 'pan', 'drift']
  return motions[seed % motions.length] ?? 'push-in'
}

/** Those that need ground to stand on. */
const walkers: ReadonlySet<SubjectKind> = new Set([
  'fox',
  'wolf',
  'dog',
  'cat',
  'horse',
  'deer',
  'person',
  'car',
])
