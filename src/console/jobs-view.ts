/** The jobs of the tenant, newest first, kept up to date by its feed of events. */
import type { ListOf } from './api.ts'
import { command, emptyState, serviceAddress } from './empty-state.ts'
import { follow } from './event-stream.ts'
import { filterNames, jobFilter } from './job-filter.ts'
import { createJobRow, type JobRow, jobColumns, quietEvents } from './job-row.ts'
import { load } from './load.ts'
import { fill, make } from './make.ts'
import { type Page, repeat, throttle } from './page.ts'
import { pager } from './pager.ts'
import { isAborted, problemNotice } from './problem.ts'
import type { Job, JobEvent } from './shapes.ts'
import { table } from './table.ts'

const pageSize = 50
const refreshMs = 1_500
const unfollowedMs = 10_000

export const jobsView = (page: Page): HTMLElement => {
  page.setTitle('Jobs')
  const live = liveMark()
  const place = make('div')
  void load(place, async () => {
    const list = await createJobList(page)
    let isFollowed = false
    // Where no stream can be had, it is asked for.
    repeat(page, unfollowedMs, async () => {
      if (!isFollowed) list.refresh()
    })
    void follow(page.api, {
      path: 'v1/events?after=now',
      signal: page.signal,
      onEvent: list.take,
      onLive: (isLive) => {
        isFollowed = isLive
        live.classList.toggle('on', isLive)
        live.title = isLive ? 'Kept up to date' : 'Not connected: this may be old'
        if (isLive) list.refresh()
      },
    })
    return list.element
  })
  return make(
    'section',
    {},
    make('div', { class: 'head' }, make('h1', {}, 'Jobs'), live),
    jobFilter(page),
    place,
  )
}

const liveMark = (): HTMLElement =>
  make('span', { class: 'live', title: 'Connecting…' }, make('span', { class: 'dot' }), 'Live')

interface JobList {
  readonly element: HTMLElement
  take(event: JobEvent): void
  refresh(): void
}

const createJobList = async (page: Page): Promise<JobList> => {
  const rows = new Map<string, JobRow>()
  const problems = make('div')
  const body = make('div')
  let ids = ''

  const read = () =>
    page.api.get<ListOf<Job>>(
      'v1/jobs',
      {
        ...Object.fromEntries(filterNames.map((name) => [name, page.query.get(name)])),
        cursor: page.query.get('cursor'),
        limit: pageSize,
      },
      page.signal,
    )

  const showPage = ({ data, next_cursor }: ListOf<Job>): void => {
    for (const job of data) {
      const row = rows.get(job.id)
      if (row === undefined) rows.set(job.id, createJobRow(job))
      else row.update(job)
    }
    // Rows that stay are not touched, so that neither the focus nor a selection is lost.
    const nowIds = `${data.map(({ id }) => id).join()} ${next_cursor}`
    if (nowIds === ids) return
    ids = nowIds
    const shown = data.flatMap(({ id }) => rows.get(id)?.element ?? [])
    if (shown.length === 0) fill(body, nothing(page))
    else fill(body, table('Jobs', jobColumns, shown), pager('jobs', page.query, next_cursor))
  }

  const refresh = throttle(page, refreshMs, async () => {
    try {
      showPage(await read())
      fill(problems)
    } catch (error) {
      if (!isAborted(error)) fill(problems, problemNotice(error))
    }
  })

  showPage(await read())
  return {
    element: make('div', {}, problems, body),
    refresh,
    take(event) {
      const row = event.job_id === null ? undefined : rows.get(event.job_id)
      if (row?.take(event) === true) return
      if (row === undefined && quietEvents.includes(event.type)) return
      // What is new comes on the first page; an older one only changes where its own jobs do.
      if (row !== undefined || !page.query.has('cursor')) refresh()
    },
  }
}

const nothing = ({ query }: Page): HTMLElement => {
  if (filterNames.some((name) => query.has(name)) || query.has('cursor'))
    return emptyState(
      'No job fits',
      make('p', {}, 'Loosen the filter, or ', make('a', { href: '#/jobs' }, 'show all jobs'), '.'),
    )
  return emptyState(
    'No jobs yet',
    make('p', {}, make('a', { href: '#/new' }, 'Make one here'), ', or from a shell:'),
    command(`curl ${serviceAddress()}/v1/jobs \\
  -H "Authorization: Bearer $CLIPLINE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"prompt": "a 5-second clip of a fox in the snow"}'`),
  )
}
