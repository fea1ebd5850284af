import { newIdempotencyKey, path } from './api.ts'
import { filePicker } from './file-picker.ts'
import { fill, make } from './make.ts'
import type { Page } from './page.ts'
import { problemNotice } from './problem.ts'

/** Where a message is written, with files if there are any. Ctrl or ⌘ and Enter send it. */
export const composer = (page: Page, sessionId: string, onSent: () => void): HTMLElement => {
  const text = make('textarea', {
    id: 'message',
    rows: 2,
    placeholder: 'make it shorter · show tracks · export',
    onkeydown: (event) => {
      const { key, ctrlKey, metaKey } = event as KeyboardEvent
      if (key === 'Enter' && (ctrlKey || metaKey)) form.requestSubmit()
    },
  })
  const attached = make('div')
  const problems = make('div', { 'aria-live': 'polite' })
  const button = make('button', { type: 'submit', class: 'primary' }, 'Send')
  let files = filePicker(page, 'message-files')
  let sent = { text: '', key: newIdempotencyKey() }
  fill(attached, files.element)

  const send = async (): Promise<void> => {
    const uploadIds = files.uploadIds()
    if (uploadIds === null)
      return fill(problems, make('p', { class: 'notice' }, 'The files are still on their way.'))
    const message = {
      ...(text.value.trim() !== '' && { text: text.value }),
      ...(uploadIds.length > 0 && { inputs: uploadIds.map((id) => ({ upload_id: id })) }),
    }
    const asText = JSON.stringify(message)
    if (asText !== sent.text) sent = { text: asText, key: newIdempotencyKey() }
    button.disabled = true
    try {
      await page.api.send('POST', path`v1/sessions/${sessionId}/messages`, {
        body: message,
        idempotencyKey: sent.key,
      })
      // The same words may be said again.
      sent = { text: '', key: newIdempotencyKey() }
      text.value = ''
      files = filePicker(page, 'message-files')
      fill(attached, files.element)
      fill(problems)
      onSent()
    } catch (error) {
      fill(problems, problemNotice(error))
    } finally {
      button.disabled = false
    }
  }
  const form = make(
    'form',
    {
      class: 'composer',
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
    },
    make('label', { for: 'message' }, 'Message'),
    text,
    make('label', { for: 'message-files' }, 'Files'),
    attached,
    problems,
    make('div', { class: 'actions' }, button),
  )
  return form
}
