/** Short words about what was just done, for eyes and screen readers. */
import { make } from './make.ts'

const stayMs = 5_000

const place = make('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' })

export const mountNotices = (): void => document.body.append(place)

export const notify = (text: string): void => {
  const toast = make('div', { class: 'toast' }, text)
  place.append(toast)
  setTimeout(() => toast.remove(), stayMs)
}

/** The clipboard is there on secure pages alone; elsewhere the text is shown, to be copied by hand. */
export const copy = async (text: string, what: string): Promise<void> => {
  if (navigator.clipboard === undefined) return showToCopy(text)
  await navigator.clipboard.writeText(text)
  notify(`Copied ${what}.`)
}

/** Shows a text until its reader has taken it. */
export const showToCopy = (text: string, title = 'Copy this'): void => {
  const box = make('textarea', { readonly: true, rows: 4, 'aria-label': 'Text to copy' })
  box.value = text
  const close = make('button', { type: 'button', onclick: () => dialog.close() }, 'Close')
  const dialog = make(
    'dialog',
    { onclose: () => dialog.remove() },
    make('h2', {}, title),
    box,
    make('div', { class: 'actions' }, close),
  )
  document.body.append(dialog)
  dialog.showModal()
  box.select()
}
