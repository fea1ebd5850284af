import { type Child, make } from './make.ts'

/** Names and values; what is not there is left out. */
export const facts = (...pairs: readonly (readonly [string, Child])[]): HTMLElement =>
  make(
    'dl',
    { class: 'facts' },
    ...pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '')
      .flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  )
