/** Times on the page: how long ago, with the exact time on hover, kept up to date. */
import { make } from './make.ts'
import { toAge } from './words.ts'

export const moment = (at: string | null): HTMLElement =>
  at === null
    ? make('span', { class: 'quiet' }, '–')
    : make('time', { datetime: at, class: 'age', title: exact(at) }, toAge(at, Date.now()))

/** The time of day; for lists whose order is time. */
export const timeOfDay = (at: string): HTMLElement =>
  make('time', { datetime: at, title: exact(at) }, new Date(at).toLocaleTimeString([], { hour12: false }))

const exact = (at: string): string => new Date(at).toLocaleString([], { hour12: false })

const everyMs = 5_000

/** Keeps every moment of the page up to date. */
export const keepMoments = (): void => {
  setInterval(() => {
    for (const element of document.querySelectorAll<HTMLTimeElement>('time.age'))
      element.textContent = toAge(element.dateTime, Date.now())
  }, everyMs)
}
