import { type Child, make } from './make.ts'

export interface Column {
  readonly title: string
  /** Left out on narrow screens. */
  readonly isExtra?: boolean
  readonly isNumber?: boolean
}

const classOf = ({ isExtra, isNumber }: Column): string | null =>
  [isExtra && 'extra', isNumber && 'number'].filter(Boolean).join(' ') || null

export const cells = (columns: readonly Column[], ...content: readonly Child[]): HTMLElement[] =>
  columns.map((column, index) => make('td', { class: classOf(column) }, content[index]))

export const table = (label: string, columns: readonly Column[], rows: readonly HTMLElement[]): HTMLElement =>
  make(
    'div',
    { class: 'table' },
    make(
      'table',
      { 'aria-label': label },
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          ...columns.map((column) => make('th', { scope: 'col', class: classOf(column) }, column.title)),
        ),
      ),
      make('tbody', {}, ...rows),
    ),
  )
