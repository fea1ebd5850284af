/** What was used, by day in a chart, and by day, skill or tag in figures. */
import type { ListOf } from './api.ts'
import { facts } from './facts.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { hashOf, type Page } from './page.ts'
import { isProblem } from './problem.ts'
import { cells, table } from './table.ts'
import { type DayOfUsage, usageChart } from './usage-chart.ts'
import { toBytes, toCount, toDuration } from './words.ts'

interface Figures {
  readonly jobs: DayOfUsage['jobs']
  readonly credits: { readonly reserved: number; readonly spent: number; readonly at_risk: number }
  readonly render_seconds: number
  readonly bytes: number
}

interface Usage extends ListOf<Figures & { readonly group: string }> {
  readonly from: string
  readonly to: string
  readonly total: Figures
}

interface ProviderCredits {
  readonly available: number
  readonly frozen: number
}

const groups = ['day', 'skill', 'tag']
/** As many as a month and more has days. */
const most = 100

export const usageView = (page: Page): HTMLElement => {
  page.setTitle('Usage')
  const groupBy = groups.find((group) => group === page.query.get('group_by')) ?? 'day'
  const chart = make('div')
  const figures = make('div')
  const readBy = (group: string) =>
    page.api.get<Usage>('v1/usage', { group_by: group, limit: most }, page.signal)
  void load(chart, async () => overviewOf(await readBy('day'), await readCredits(page)))
  void load(figures, async () => figuresOf(await readBy(groupBy), groupBy))
  return make(
    'section',
    {},
    make(
      'div',
      { class: 'head' },
      make('h1', {}, 'Usage'),
      make('span', { class: 'quiet' }, 'the last 30 days'),
    ),
    chart,
    make(
      'nav',
      { class: 'tabs', 'aria-label': 'Grouped by' },
      ...groups.map((group) =>
        make(
          'a',
          {
            class: 'button',
            href: hashOf('usage', { group_by: group }),
            'aria-current': group === groupBy ? 'true' : null,
          },
          `By ${group}`,
        ),
      ),
    ),
    figures,
  )
}

/** The provider may be away; the figures of our own are there all the same. */
const readCredits = async ({ api, signal }: Page): Promise<ProviderCredits | null> => {
  try {
    return await api.get<ProviderCredits>('v1/credits', {}, signal)
  } catch (error) {
    if (isProblem(error, 'provider_unavailable') || isProblem(error, 'unavailable')) return null
    throw error
  }
}

const overviewOf = ({ from, to, total, data }: Usage, credits: ProviderCredits | null): Node =>
  make(
    'div',
    { class: 'columns' },
    make('div', { class: 'card' }, usageChart(from, to, data)),
    make(
      'aside',
      { class: 'card', 'aria-label': 'In all' },
      facts(
        ['Succeeded', toCount(total.jobs.succeeded)],
        ['Failed', toCount(total.jobs.failed)],
        ['Canceled', toCount(total.jobs.canceled)],
        ['Credits spent', toCount(total.credits.spent)],
        ['Reserved', toCount(total.credits.reserved)],
        ['At risk', total.credits.at_risk > 0 && toCount(total.credits.at_risk)],
        ['Video', toDuration(total.render_seconds * 1_000)],
        ['Files', toBytes(total.bytes)],
        ['Left at the provider', credits && toCount(credits.available)],
        ['Frozen there', credits && credits.frozen > 0 && toCount(credits.frozen)],
      ),
    ),
  )

const figuresOf = ({ data, next_cursor }: Usage, groupBy: string): Node => {
  if (data.length === 0) return make('p', { class: 'quiet' }, 'No job has ended in these days.')
  const columns = [
    { title: groupBy },
    { title: 'Succeeded', isNumber: true },
    { title: 'Failed', isNumber: true },
    { title: 'Canceled', isNumber: true, isExtra: true },
    { title: 'Credits', isNumber: true },
    { title: 'Video', isNumber: true, isExtra: true },
    { title: 'Files', isNumber: true, isExtra: true },
  ]
  const rows = data.map(({ group, jobs, credits, render_seconds, bytes }) =>
    make(
      'tr',
      {},
      ...cells(
        columns,
        make('span', { class: 'words' }, group),
        toCount(jobs.succeeded),
        make('span', { class: jobs.failed > 0 ? 'bad-text' : null }, toCount(jobs.failed)),
        toCount(jobs.canceled),
        toCount(credits.spent),
        toDuration(render_seconds * 1_000),
        toBytes(bytes),
      ),
    ),
  )
  return make(
    'div',
    {},
    table(`Usage by ${groupBy}`, columns, rows),
    next_cursor !== null && make('p', { class: 'quiet' }, `The first ${most}; the API has the others.`),
  )
}
