import { done, fail } from '../job/outcome.ts'
import { lookTwice } from './look-twice.ts'
import { requireSession } from './require-session.ts'
import type { Stage } from './stage.ts'

/**
 * Asks for the render under an id that was recorded before, so that asking twice makes one render: whoever may not be the
 * first to ask looks the id up, and "duplicate" is as good as submitted.
 */
export const exportDraft: Stage = {
  name: 'export',
  timeoutMs: () => 60_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 120_000, 120_000],

  async run({ job, provider, access, signal, scratch }) {
    const renderId = requireRenderId(job.id, job.renderId)
    if (renderId !== scratch.freshRenderId) {
      const { status } = await lookTwice(() => provider.readRender(access, renderId, signal))
      if (status !== 'unknown') return done({ notes: job.notes })
    }
    const sessionId = requireSession(job)
    const state = scratch.session ?? (await lookTwice(() => provider.readSession(access, sessionId, signal)))
    if (!state.isExportable || state.draft === null)
      return fail('draft_not_exportable', 'the draft holds no track with a segment')
    const { format = 'mp4', quality = 'high', resolution } = job.request.output
    await provider.submitRender(
      access,
      {
        renderId,
        sessionId,
        draft: state.draft,
        output: { format, quality, ...(resolution === undefined ? {} : { resolution }) },
      },
      signal,
    )
    return done({ notes: job.notes, timeline: state.timelineLine })
  },
}

const requireRenderId = (jobId: string, renderId: string | null): string => {
  if (renderId === null) throw new Error(`job ${jobId} came to its export without a render id`)
  return renderId
}
