/** What a view is given, and what it gives. */
import type { Api } from './api.ts'
import type { Skill } from './shapes.ts'

export interface Page {
  readonly api: Api
  /** Aborted when the view is left. */
  readonly signal: AbortSignal
  /** The ids in the address, in order. */
  readonly ids: readonly string[]
  readonly query: URLSearchParams
  readonly skills: readonly Skill[]
  setTitle(title: string): void
  /** Shows the same view anew. */
  reload(): void
}

/** Builds the view at once; it may fill itself later. */
export type View = (page: Page) => HTMLElement

/** The address of a view. */
export const hashOf = (
  place: string,
  query: Readonly<Record<string, string | null | undefined>> = {},
): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  const text = search.toString()
  return `#/${place}${text === '' ? '' : `?${text}`}`
}

/** Runs every so often while the page is seen, never two at a time, until the view is left. */
export const repeat = (page: Page, everyMs: number, work: () => Promise<void>): void => {
  let timer: ReturnType<typeof setTimeout>
  const wait = (): void => {
    timer = setTimeout(() => void run(), everyMs)
  }
  const run = async (): Promise<void> => {
    if (document.visibilityState === 'visible') await work()
    if (!page.signal.aborted) wait()
  }
  wait()
  page.signal.addEventListener('abort', () => clearTimeout(timer))
}

/** At most one run in so many milliseconds; what is asked meanwhile is done once, after that. */
export const throttle = (page: Page, everyMs: number, work: () => Promise<void>): (() => void) => {
  let isBusy = false
  let isAsked = false
  const run = async (): Promise<void> => {
    isBusy = true
    isAsked = false
    await work()
    await new Promise((resolve) => setTimeout(resolve, everyMs))
    isBusy = false
    if (isAsked && !page.signal.aborted) await run()
  }
  return () => {
    if (isBusy) isAsked = true
    else void run()
  }
}
