import { type Child, make } from './make.ts'

/** Says that nothing is there, and how something gets there. */
export const emptyState = (title: string, ...content: readonly Child[]): HTMLElement =>
  make('div', { class: 'empty' }, make('h2', {}, title), ...content)

/** A command to copy; the key stays out of it. */
export const command = (text: string): HTMLElement =>
  make('pre', { class: 'code', tabindex: 0, 'aria-label': 'Command' }, text)

/** The address of the API, as a command line names it. */
export const serviceAddress = (): string => new URL('.', document.baseURI).href.replace(/\/$/, '')
