import type { SceneSubject, SubjectKind } from './scene-spec.ts'
import { colorWords, findWord, paceWords, subjectWords } from './scene-vocabulary.ts'

/** Who and what the words put into the picture: at most three, each with its pace, number and color. */
export function subjectsOf(text: string): readonly SceneSubject[] {
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

const groupPattern = /\b(?:herd|pack|flock|crowd|fleet|group|pair|couple)\b/
const pluralPattern = /(?:s|people|men|women|children|geese|wolves)$/

/** What a group or a plain plural of each kind looks like: birds come in flocks. */
const groupSizes: Readonly<Partial<Record<SubjectKind, number>>> = { bird: 9, person: 2 }
const pluralSizes: Readonly<Partial<Record<SubjectKind, number>>> = { bird: 7 }

function countOf(text: string, kind: SubjectKind, pattern: RegExp): number {
  const found = pattern.exec(text)
  if (!found) return 1
  const before = text.slice(Math.max(0, found.index - 24), found.index)
  for (const [word, count] of Object.entries(numberWords)) {
    if (new RegExp(/[a-z]/.test(word) ? `\\b${word}\\b` : word).test(before)) return count
  }
  if (groupPattern.test(before + found[0])) return groupSizes[kind] ?? 4
  return pluralPattern.test(found[0]) ? (pluralSizes[kind] ?? 3) : 1
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
