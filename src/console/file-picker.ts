/** Files for a job, sent as soon as they are chosen. */
import { make } from './make.ts'
import type { Page } from './page.ts'
import { isAborted, problemNotice } from './problem.ts'
import { progressBar, setProgress } from './progress-bar.ts'
import type { Upload } from './shapes.ts'
import { toBytes } from './words.ts'

export interface FilePicker {
  readonly element: HTMLElement
  /** The uploads that are there; null while some are still on their way. */
  uploadIds(): readonly string[] | null
}

export const filePicker = (page: Page, inputId: string): FilePicker => {
  const uploads = new Map<HTMLElement, Upload | null>()
  const list = make('ul', { class: 'files' })

  const send = async (file: File): Promise<void> => {
    const stopping = new AbortController()
    const bar = progressBar(0, `Upload of ${file.name}`)
    const place = make('span', { class: 'file-state' }, bar)
    const row = make(
      'li',
      {},
      make('span', { class: 'name' }, file.name),
      make('span', { class: 'quiet' }, toBytes(file.size)),
      place,
      make(
        'button',
        {
          type: 'button',
          class: 'plain',
          'aria-label': `Remove ${file.name}`,
          onclick: () => {
            stopping.abort()
            uploads.delete(row)
            row.remove()
          },
        },
        '✕',
      ),
    )
    uploads.set(row, null)
    list.append(row)
    try {
      const upload = await page.api.upload<Upload>(file, {
        onProgress: (part) => setProgress(bar, part),
        signal: AbortSignal.any([page.signal, stopping.signal]),
      })
      if (uploads.has(row)) uploads.set(row, upload)
      place.replaceChildren(make('span', { class: 'good-text' }, `✓ ${upload.content_type}`))
    } catch (error) {
      uploads.delete(row)
      if (!isAborted(error)) place.replaceChildren(problemNotice(error))
    }
  }

  const input = make('input', {
    id: inputId,
    type: 'file',
    multiple: true,
    onchange: () => {
      for (const file of input.files ?? []) void send(file)
      input.value = ''
    },
  })
  return {
    element: make('div', {}, input, list),
    uploadIds: () => {
      const all = [...uploads.values()]
      const sent = all.flatMap((upload) => upload?.id ?? [])
      return sent.length === all.length ? sent : null
    },
  }
}
