/** The frame around every view. */
import { fill, make } from './make.ts'

export interface Shell {
  readonly element: HTMLElement
  show(place: string, view: HTMLElement): void
}

const sections = [
  ['jobs', 'Jobs', 'jobs'],
  ['batches', 'Batches', 'batches'],
  ['sessions', 'Conversations', 'sessions'],
  ['callbacks', 'Callbacks', 'callbacks'],
  ['intakes', 'Intakes', 'intakes'],
  ['usage', 'Usage', 'usage'],
  ['admin', 'Admin', 'admin/tenants'],
] as const

/** `isAdmin`: whether the key may see what is of all tenants. */
export const createShell = (isAdmin: boolean, onSignOut: () => void): Shell => {
  const links = new Map(
    sections
      .filter(([section]) => isAdmin || section !== 'admin')
      .map(([section, title, place]) => [section as string, make('a', { href: `#/${place}` }, title)]),
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
        if (name !== section) link.removeAttribute('aria-current')
        else {
          link.setAttribute('aria-current', 'page')
          link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        }
      fill(content, view)
      scrollTo(0, 0)
      content.focus({ preventScroll: true })
    },
  }
}
