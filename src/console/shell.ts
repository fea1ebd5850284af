/** The frame around every view. */
import { fill, make } from './make.ts'

export interface Shell {
  readonly element: HTMLElement
  show(place: string, view: HTMLElement): void
}

const sections = [
  ['jobs', 'Jobs'],
  ['batches', 'Batches'],
  ['callbacks', 'Callbacks'],
] as const

export const createShell = (onSignOut: () => void): Shell => {
  const links = new Map(
    sections.map(([place, title]) => [place as string, make('a', { href: `#/${place}` }, title)]),
  )
  const content = make('main', { id: 'content', tabindex: -1 })
  const element = make(
    'div',
    { class: 'shell' },
    make(
      'header',
      { class: 'top' },
      make(
        'a',
        { class: 'brand', href: '#/jobs' },
        make('img', { src: 'console/icon.svg', alt: '', width: 24, height: 24 }),
        'Clipline',
      ),
      make('nav', { 'aria-label': 'Sections' }, ...links.values()),
      make('a', { class: 'button primary', href: '#/new' }, 'New job'),
      make('button', { type: 'button', class: 'plain', onclick: () => onSignOut() }, 'Sign out'),
    ),
    content,
  )
  return {
    element,
    show(place, view) {
      const [section = ''] = place.split('/')
      for (const [name, link] of links)
        if (name === section) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      fill(content, view)
      scrollTo(0, 0)
      content.focus({ preventScroll: true })
    },
  }
}
