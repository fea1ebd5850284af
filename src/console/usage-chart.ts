import { draw, make } from './make.ts'

export interface DayOfUsage {
  readonly group: string
  readonly jobs: { readonly succeeded: number; readonly failed: number; readonly canceled: number }
}

const outcomes = ['succeeded', 'failed', 'canceled'] as const
const dayMs = 86_400_000
const size = { width: 840, height: 220, top: 12, bottom: 24, left: 40 }

/** The jobs that ended, a bar for each day. The same figures stand in the table below. */
export const usageChart = (from: string, to: string, found: readonly DayOfUsage[]): HTMLElement => {
  const days = listDays(from, to)
  const byDay = new Map(found.map((day) => [day.group, day.jobs]))
  const most = Math.max(1, ...found.map(({ jobs }) => jobs.succeeded + jobs.failed + jobs.canceled))
  const whole = size.height - size.top - size.bottom
  const step = (size.width - size.left) / Math.max(days.length, 1)
  const bars = days.flatMap((day, index) => {
    const jobs = byDay.get(day)
    if (jobs === undefined) return []
    let y = size.height - size.bottom
    const x = size.left + index * step + step * 0.15
    const parts = outcomes.map((outcome) => {
      const height = (jobs[outcome] / most) * whole
      y -= height
      return draw('rect', { class: outcome, x, y, width: step * 0.7, height, rx: 2 })
    })
    const text = `${day}: ${outcomes.map((outcome) => `${jobs[outcome]} ${outcome}`).join(', ')}`
    return [draw('g', {}, draw('title', {}, text), ...parts)]
  })
  return make(
    'div',
    {},
    make('h2', {}, 'Jobs that ended, by day'),
    make(
      'div',
      { class: 'chart-box', tabindex: 0, role: 'group', 'aria-label': 'Chart' },
      draw(
        'svg',
        {
          class: 'chart',
          viewBox: `0 0 ${size.width} ${size.height}`,
          role: 'img',
          'aria-label': `Jobs that ended by day, from ${from} to ${to}, at most ${most} a day`,
        },
        ...gridOf(most, whole),
        ...bars,
        ...labelsOf(days, step),
      ),
    ),
    make(
      'ul',
      { class: 'legend' },
      ...outcomes.map((outcome) =>
        make('li', {}, make('span', { class: `swatch ${outcome}`, 'aria-hidden': 'true' }), outcome),
      ),
    ),
  )
}

const gridOf = (most: number, whole: number): SVGElement[] =>
  [0, 0.5, 1].flatMap((part) => {
    const y = size.top + whole * (1 - part)
    const count = most * part
    return [
      draw('line', { x1: size.left, x2: size.width, y1: y, y2: y }),
      draw(
        'text',
        { x: size.left - 8, y: y + 4, 'text-anchor': 'end' },
        Number.isInteger(count) ? count : '',
      ),
    ]
  })

const labelsOf = (days: readonly string[], step: number): SVGElement[] =>
  days.flatMap((day, index) =>
    index % 7 === 0 ? [draw('text', { x: size.left + index * step, y: size.height - 6 }, day.slice(5))] : [],
  )

const listDays = (from: string, to: string): string[] => {
  const days: string[] = []
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += dayMs)
    days.push(new Date(ms).toISOString().slice(0, 10))
  return days
}
