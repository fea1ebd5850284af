import { make } from './make.ts'
import type { Page } from './page.ts'
import { isProblem } from './problem.ts'
import type { Timeline } from './shapes.ts'
import { toDuration } from './words.ts'

/** What the draft at the provider holds, track by track. */
export const draftPanel = async (page: Page, place: string): Promise<Node> => {
  try {
    return tracksOf(await page.api.get<Timeline>(place, {}, page.signal))
  } catch (error) {
    if (isProblem(error, 'no_draft')) return make('p', { class: 'quiet' }, 'There is no draft.')
    throw error
  }
}

const tracksOf = ({ tracks, duration_s, exportable }: Timeline): Node => {
  if (tracks.length === 0) return make('p', { class: 'quiet' }, 'The draft is empty.')
  return make(
    'div',
    {},
    ...tracks.map((track) =>
      make(
        'div',
        { class: 'track' },
        make('span', { class: 'quiet' }, track.kind),
        make('div', { class: 'lane' }, ...track.segments.map((segment) => segmentOf(segment, duration_s))),
      ),
    ),
    make(
      'p',
      { class: 'quiet' },
      `${toDuration(duration_s * 1_000)}${exportable ? '' : ', nothing in it can be exported'}`,
    ),
  )
}

const segmentOf = (
  { start_s, duration_s, label }: Timeline['tracks'][number]['segments'][number],
  wholeS: number,
): HTMLElement => {
  const whole = Math.max(wholeS, start_s + duration_s, 0.001)
  const title = `${label ?? ''} (${start_s.toFixed(1)}–${(start_s + duration_s).toFixed(1)} s)`
  const element = make('span', { class: 'segment', title }, label ?? '')
  element.style.left = `${(start_s / whole) * 100}%`
  element.style.width = `${(duration_s / whole) * 100}%`
  return element
}
