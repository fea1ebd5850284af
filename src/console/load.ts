/** Parts of a page that come from the API: a place that waits, then shows the part or the problem. */
import { fill, make } from './make.ts'
import { isAborted, problemNotice } from './problem.ts'

/** Fills the place with what is read. A problem stands there instead, with a way to try again. */
export const load = (place: HTMLElement, read: () => Promise<Node>): Promise<void> => {
  place.setAttribute('aria-busy', 'true')
  if (place.childElementCount === 0) fill(place, make('p', { class: 'loading quiet' }, 'Loading…'))
  return read().then(
    (part) => {
      place.removeAttribute('aria-busy')
      fill(place, part)
    },
    (error: unknown) => {
      if (isAborted(error)) return
      place.removeAttribute('aria-busy')
      fill(
        place,
        problemNotice(error, () => void load(place, read)),
      )
    },
  )
}

/** A section that reads its content when it is opened first, and again each time. */
export const disclosure = (
  title: string,
  read: () => Promise<Node>,
): { readonly element: HTMLDetailsElement; reload(): void } => {
  const place = make('div', { class: 'inside' })
  const element = make('details', { class: 'card fold' }, make('summary', {}, title), place)
  const reload = (): void => {
    if (element.open) void load(place, read)
  }
  element.addEventListener('toggle', reload)
  return { element, reload }
}
