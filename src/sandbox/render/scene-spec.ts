/**
 * What a generated clip shows, as plain JSON: it is stored in the draft's video segment as `m.scene`, so that the
 * whole state of the sandbox is on disk and a render after a restart draws the same picture.
 */
export interface SceneSpec {
  readonly time: TimeOfDay
  readonly sky: SkyKind
  readonly weather: Weather
  readonly ground: Ground
  /** From the horizon to the viewer. */
  readonly layers: readonly SceneLayer[]
  readonly subjects: readonly SceneSubject[]
  readonly palette: ScenePalette
  readonly motion: CameraMotion
  /** All randomness of the picture comes from here. */
  readonly seed: number
}

export const timesOfDay = ['dawn', 'day', 'sunset', 'dusk', 'night'] as const
export type TimeOfDay = (typeof timesOfDay)[number]

export const skyKinds = ['clear', 'clouds', 'overcast', 'aurora', 'space', 'abstract'] as const
export type SkyKind = (typeof skyKinds)[number]

export const weathers = ['clear', 'rain', 'snow', 'fog', 'storm'] as const
export type Weather = (typeof weathers)[number]

export const grounds = ['sea', 'lake', 'street', 'road', 'snow', 'grass', 'sand', 'none'] as const
export type Ground = (typeof grounds)[number]

export const sceneLayers = [
  'planet',
  'mountains',
  'hills',
  'dunes',
  'skyline',
  'street',
  'forest',
  'island',
  'flowers',
  'beach',
] as const
export type SceneLayer = (typeof sceneLayers)[number]

export const subjectKinds = [
  'fox',
  'wolf',
  'dog',
  'cat',
  'horse',
  'deer',
  'bird',
  'person',
  'car',
  'boat',
  'balloon',
  'train',
  'plane',
  'rocket',
  'dolphin',
  'butterfly',
] as const
export type SubjectKind = (typeof subjectKinds)[number]

export interface SceneSubject {
  readonly kind: SubjectKind
  readonly pace: 'still' | 'walk' | 'run'
  readonly count: number
  /** `#rrggbb` when the words give it one ("a red car"). */
  readonly color: string | null
}

export interface ScenePalette {
  /** `#rrggbb` colors named or suggested by the words; the renderer mixes them into the light of the time of day. */
  readonly accents: readonly string[]
  readonly mood: Mood
}

export const moods = ['calm', 'bright', 'warm', 'tense', 'electric', 'dreamy'] as const
export type Mood = (typeof moods)[number]

export const cameraMotions = ['push-in', 'pull-out', 'pan', 'track', 'handheld', 'drift'] as const
export type CameraMotion = (typeof cameraMotions)[number]
