import { findColor } from './color.ts'
import { hashText } from './random.ts'
import {
  type CameraMotion,
  cameraMotions,
  grounds,
  moods,
  type SceneSpec,
  type SceneSubject,
  sceneLayers,
  skyKinds,
  subjectKinds,
  timesOfDay,
  weathers,
} from './scene-spec.ts'

/** Reads a scene that comes back from a client: whatever is missing or unknown gets a plain default. */
export function readScene(value: unknown): SceneSpec {
  const scene = fields(value)
  const palette = fields(scene['palette'])
  return {
    time: oneOf(timesOfDay, scene['time'], 'day'),
    sky: oneOf(skyKinds, scene['sky'], 'abstract'),
    weather: oneOf(weathers, scene['weather'], 'clear'),
    ground: oneOf(grounds, scene['ground'], 'none'),
    layers: list(scene['layers']).flatMap((layer) => known(sceneLayers, layer)),
    subjects: list(scene['subjects']).flatMap(readSubject),
    palette: {
      accents: list(palette['accents']).filter(
        (color): color is string => typeof color === 'string' && findColor(color) !== null,
      ),
      mood: oneOf(moods, palette['mood'], 'calm'),
    },
    motion: oneOf<CameraMotion>(cameraMotions, scene['motion'], 'drift'),
    seed: typeof scene['seed'] === 'number' ? scene['seed'] >>> 0 : hashText(JSON.stringify(value ?? null)),
  }
}

function readSubject(value: unknown): SceneSubject[] {
  const subject = fields(value)
  const count = subject['count']
  const color = subject['color']
  return known(subjectKinds, subject['kind']).map((kind) => ({
    kind,
    pace: oneOf(['still', 'walk', 'run'], subject['pace'], 'walk'),
    count: typeof count === 'number' && count >= 1 ? Math.min(12, Math.floor(count)) : 1,
    color: typeof color === 'string' && findColor(color) ? color : null,
  }))
}

function oneOf<T extends string>(choices: readonly T[], value: unknown, otherwise: T): T {
  return known(choices, value)[0] ?? otherwise
}

function known<T extends string>(choices: readonly T[], value: unknown): T[] {
  return choices.filter((choice) => choice === value)
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
