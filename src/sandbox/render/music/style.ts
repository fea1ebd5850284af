import type { Mood } from '../scene-spec.ts'

/** Styles that people ask for by name, and the mood that comes nearest. */
const styles: readonly (readonly [RegExp, Mood])[] = [
  [/upbeat|happy|pop|energetic/i, 'bright'],
  [/electro|synth|techno|dance|house/i, 'electric'],
  [/epic|cinematic|orchestr|rock|drama/i, 'tense'],
  [/lo-?fi|jazz|acoustic|folk|romantic|warm/i, 'warm'],
  [/piano|classical|calm|relax/i, 'calm'],
  [/dream|space|new age/i, 'dreamy'],
]

/** The mood of a named style; null when the picture should decide. */
export function moodOfStyle(label: string): Mood | null {
  return styles.find(([pattern]) => pattern.test(label))?.[1] ?? null
}
