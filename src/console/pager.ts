import { make } from './make.ts'
import { hashOf } from './page.ts'

/** Links to the first page and to the next one. Going back is the browser's. */
export const pager = (
  place: string,
  query: URLSearchParams,
  nextCursor: string | null,
): HTMLElement | null => {
  const kept = Object.fromEntries([...query].filter(([name]) => name !== 'cursor'))
  const isFirst = !query.has('cursor')
  if (isFirst && nextCursor === null) return null
  return make(
    'nav',
    { class: 'pager', 'aria-label': 'Pages' },
    isFirst ? make('span') : make('a', { class: 'button', href: hashOf(place, kept) }, '← Newest'),
    nextCursor !== null &&
      make('a', { class: 'button', href: hashOf(place, { ...kept, cursor: nextCursor }) }, 'Older →'),
  )
}
