import { make } from './make.ts'
import { toWords } from './words.ts'

/** How the states of jobs, batches, deliveries and endpoints look. Never by color alone: the word is there. */
const tones: Readonly<Record<string, string>> = {
  queued: 'plain',
  open: 'plain',
  running: 'busy',
  canceling: 'busy',
  waiting: 'wait',
  succeeded: 'good',
  completed: 'good',
  delivered: 'good',
  enabled: 'good',
  done: 'good',
  resolved: 'good',
  failed: 'bad',
  fail: 'bad',
  exhausted: 'bad',
  refused: 'bad',
  disabled: 'bad',
  lost: 'bad',
  completed_with_errors: 'wait',
  retry: 'wait',
}

export const badge = (state: string): HTMLElement =>
  make('span', { class: `badge ${tones[state] ?? 'plain'}` }, toWords(state))
