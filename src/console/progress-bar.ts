import { make } from './make.ts'
import { toPercent } from './words.ts'

/** A native bar, which screen readers know. */
export const progressBar = (part: number, label: string): HTMLProgressElement => {
  const bar = make('progress', { max: 1, 'aria-label': label })
  setProgress(bar, part)
  return bar
}

export const setProgress = (bar: HTMLProgressElement, part: number): void => {
  bar.value = part
  bar.title = toPercent(part)
}
