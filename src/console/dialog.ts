/** Asks before something is done that costs, or cannot be undone. */
import { type Child, fill, make } from './make.ts'
import { problemNotice } from './problem.ts'

export interface Question {
  readonly title: string
  readonly content: readonly Child[]
  readonly confirm: string
  readonly isDangerous?: boolean
  /** A problem is shown in the dialog, which then stays. */
  act(): Promise<void>
}

export const ask = ({ title, content, confirm, isDangerous = false, act }: Question): void => {
  const problems = make('div')
  const yes = make('button', { type: 'submit', class: isDangerous ? 'danger' : 'primary' }, confirm)
  const run = async (): Promise<void> => {
    yes.disabled = true
    try {
      await act()
      dialog.close()
    } catch (error) {
      fill(problems, problemNotice(error))
    } finally {
      yes.disabled = false
    }
  }
  const form = make(
    'form',
    {
      onsubmit: (event) => {
        event.preventDefault()
        void run()
      },
    },
    make('h2', { id: 'dialog-title' }, title),
    ...content,
    problems,
    make(
      'div',
      { class: 'actions' },
      make('button', { type: 'button', onclick: () => dialog.close() }, 'Back'),
      yes,
    ),
  )
  const dialog = make('dialog', { 'aria-labelledby': 'dialog-title', onclose: () => dialog.remove() }, form)
  document.body.append(dialog)
  dialog.showModal()
}

/** A button that does something at once; a problem is shown in a dialog. */
export const actionButton = (label: string, act: () => Promise<void>): HTMLButtonElement => {
  const run = async (): Promise<void> => {
    button.disabled = true
    try {
      await act()
    } catch (error) {
      tell(problemNotice(error))
    } finally {
      button.disabled = false
    }
  }
  const button = make('button', { type: 'button', onclick: () => void run() }, label)
  return button
}

const tell = (content: Node): void => {
  const close = make('button', { type: 'button', onclick: () => dialog.close() }, 'Close')
  const dialog = make(
    'dialog',
    { onclose: () => dialog.remove() },
    content,
    make('div', { class: 'actions' }, close),
  )
  document.body.append(dialog)
  dialog.showModal()
}
