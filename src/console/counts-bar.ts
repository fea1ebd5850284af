import { make } from './make.ts'
import type { JobCounts } from './shapes.ts'
import { toCount } from './words.ts'

export const countNames = ['succeeded', 'running', 'waiting', 'queued', 'held', 'failed', 'canceled'] as const

/** How the jobs of a batch stand, as one bar. What it shows is also said. */
export const countsBar = (jobs: JobCounts): HTMLElement => {
  const there = countNames.filter((name) => jobs[name] > 0)
  const label = there.map((name) => `${toCount(jobs[name])} ${name}`).join(', ')
  const bar = make('div', { class: 'counts', role: 'img', 'aria-label': label || 'no jobs', title: label })
  for (const name of there) {
    const segment = make('span', { class: name })
    segment.style.flexGrow = String(jobs[name])
    bar.append(segment)
  }
  return bar
}
