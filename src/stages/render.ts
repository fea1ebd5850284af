import { back, done, fail, type StageOutcome, wait } from '../job/outcome.ts'
import type { Stage, StageContext } from './stage.ts'

/**
 * How many times the time of a render it may wait for its turn at the provider: two hours by default. The provider says
 * nothing of how long its queue may get. A redrive goes on looking for the same render, which costs nothing.
 */
const pendingTimeouts = 24

/** Looks whether the render is ready. Reads only, so it is safe to run any number of times. */
export const render: Stage = {
  name: 'render',
  isWrittenWith: ['deliver'],
  timeoutMs: () => 60_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 120_000, 120_000],

  async run(context) {
    const { job, provider, access, timings, signal, tell } = context
    const current = await provider.readRender(access, String(job.renderId), signal)
    switch (current.status) {
      case 'unknown':
        return submitAgain(context)
      case 'pending':
        // Waiting in the provider's own queue does not count against the render's time, but not for ever.
        if (context.stageMs > pendingTimeouts * timings.renderTimeoutMs)
          return fail('render_timeout', 'the provider has not begun the render; it may still do so')
        return wait(timings.renderPollMs, 'render_pending', {
          notes: { ...job.notes, pending_ms: context.stageMs },
        })
      case 'processing':
        if (context.stageMs - Number(job.notes['pending_ms'] ?? 0) > timings.renderTimeoutMs)
          return fail('render_timeout', 'the render ran over its time; it may still finish')
        tell.progress(current.progressPercent / 100)
        return wait(timings.renderPollMs, 'rendering', { notes: job.notes })
      case 'completed':
        return current.url === null ? awaitUrl(context) : done({ renderUrl: current.url })
      case 'failed':
      case 'canceled':
        return renderAnew(context, current.reason)
    }
  },
}

/** The provider does not know the id: the request was lost, so the same id goes out again, a few times at most. */
const submitAgain = ({ job }: StageContext): StageOutcome => {
  const submissions = Number(job.notes['submissions'] ?? 0) + 1
  if (submissions > 3) return fail('render_failed', 'the provider keeps forgetting the render')
  return back('export', 'the provider does not know the render', { notes: { ...job.notes, submissions } })
}

/** A failed render is tried once more, under a new id (upstream-protocol.md §2.8). */
const renderAnew = ({ job }: StageContext, reason: string): StageOutcome => {
  if (job.notes['is_second'] === true) return fail('render_failed', reason)
  return back('export', `the render failed: ${reason}`, { renderId: null, notes: { is_second: true } })
}

/** Completed without a URL is not finished yet; after a few looks the provider's download route has to do. */
const awaitUrl = ({ job, timings }: StageContext): StageOutcome => {
  const looks = Number(job.notes['url_looks'] ?? 0) + 1
  if (looks > 3) return done({ renderUrl: null })
  return wait(timings.renderPollMs / 10, 'render_url', { notes: { ...job.notes, url_looks: looks } })
}
