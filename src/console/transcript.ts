import { type ListOf, path } from './api.ts'
import { make } from './make.ts'
import { timeOfDay } from './moment.ts'
import { hashOf, type Page } from './page.ts'

interface Message {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly action: string
  readonly text: string | null
  readonly job_id: string | null
  readonly at: string
}

export interface Transcript {
  readonly element: HTMLElement
  /** Reads what was said since. */
  update(): Promise<void>
}

const pageSize = 100

/** What was said, oldest first. Pages that are full stay as they are; only the last one is read again. */
export const createTranscript = (page: Page, sessionId: string): Transcript => {
  const list = make('ol', { class: 'transcript' })
  const element = make(
    'div',
    { class: 'transcript-box', tabindex: 0, role: 'log', 'aria-label': 'Messages' },
    make('p', { class: 'quiet' }, 'Nothing was said yet.'),
  )
  const shown = new Map<string, { readonly text: string; readonly row: HTMLElement }>()
  let cursor: string | null = null

  const show = (message: Message): boolean => {
    const text = JSON.stringify(message)
    const before = shown.get(message.id)
    if (before?.text === text) return false
    const row = rowOf(message)
    if (before === undefined) list.append(row)
    else before.row.replaceWith(row)
    shown.set(message.id, { text, row })
    return true
  }
  return {
    element,
    async update() {
      let hasNew = false
      for (;;) {
        const read: ListOf<Message> = await page.api.get(
          path`v1/sessions/${sessionId}/messages`,
          { cursor, limit: pageSize },
          page.signal,
        )
        for (const message of read.data) hasNew = show(message) || hasNew
        if (read.next_cursor === null) break
        cursor = read.next_cursor
      }
      if (!hasNew) return
      if (!list.isConnected) element.replaceChildren(list)
      element.scrollTop = element.scrollHeight
    },
  }
}

const rowOf = ({ role, action, text, job_id, at }: Message): HTMLElement =>
  make(
    'li',
    { class: role },
    make(
      'div',
      { class: 'line quiet small' },
      make('strong', {}, role === 'user' ? 'You' : 'Clipline'),
      timeOfDay(at),
      make('span', {}, action),
      job_id !== null && make('a', { href: hashOf(`jobs/${encodeURIComponent(job_id)}`) }, 'job'),
    ),
    make('div', { class: 'words' }, text ?? '…'),
  )
