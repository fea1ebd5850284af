import { addressOf, path } from './api.ts'
import { actionButton, ask } from './dialog.ts'
import { make } from './make.ts'
import { copy, notify } from './notify.ts'
import type { Page } from './page.ts'
import type { Batch } from './shapes.ts'

/** What can be done with a batch. */
export const batchActions = (page: Page, batch: Batch, onChanged: () => void): HTMLElement =>
  make(
    'div',
    { class: 'actions start' },
    batch.links.close !== null &&
      actionButton('Close and start', async () => {
        await page.api.send('POST', path`v1/batches/${batch.id}/close`)
        notify('The batch is closed, its jobs begin.')
        onChanged()
      }),
    batch.links.cancel !== null && button('Cancel', () => askCancel(page, batch, onChanged)),
    batch.links.redrive !== null &&
      batch.jobs.failed > 0 &&
      button('Run failed ones again…', () => askRedrive(page, batch, onChanged), 'primary'),
    actionButton('Results as CSV', () => download(page, batch, 'results')),
    actionButton('Errors as CSV', () => download(page, batch, 'errors')),
    actionButton('Copy id', () => copy(batch.id, 'the id')),
  )

const button = (label: string, act: () => void, look?: string): HTMLElement =>
  make('button', { type: 'button', class: look, onclick: () => act() }, label)

/** By the browser itself, with a token for this batch alone: a million rows go to the disk, not through the page. */
const download = async ({ api }: Page, { id }: Batch, what: 'results' | 'errors'): Promise<void> => {
  const { token } = await api.send<{ token: string }>('POST', 'v1/stream-tokens', { body: { batch_id: id } })
  const link = make('a', { download: `${id}-${what}.csv` })
  link.href = addressOf(path`v1/batches/${id}/` + what, { format: 'csv', token })
  link.click()
}

const askCancel = ({ api }: Page, batch: Batch, onChanged: () => void): void =>
  ask({
    title: 'Cancel this batch?',
    content: [make('p', {}, 'All its unfinished jobs are canceled. What has succeeded stays.')],
    confirm: 'Cancel the batch',
    isDangerous: true,
    async act() {
      await api.send('POST', path`v1/batches/${batch.id}/cancel`)
      notify('The batch is being canceled.')
      onChanged()
    },
  })

const askRedrive = ({ api }: Page, batch: Batch, onChanged: () => void): void => {
  const cost = make('input', { type: 'checkbox', id: 'redrive-cost' })
  ask({
    title: 'Run the failed jobs again?',
    content: [
      make('p', {}, 'Each goes on from where it failed, with what is recorded.'),
      make(
        'label',
        { class: 'check', for: 'redrive-cost' },
        cost,
        'I accept that what may have been paid for already is paid again; else such jobs are skipped',
      ),
    ],
    confirm: 'Run again',
    async act() {
      await api.send('POST', path`v1/batches/${batch.id}/redrive`, { body: { accept_cost: cost.checked } })
      notify('The failed jobs run again.')
      onChanged()
    },
  })
}
