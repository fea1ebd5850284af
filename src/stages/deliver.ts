import type { OutputWish } from '../job/job.ts'
import { done, fail, type SideRow, type Warning } from '../job/outcome.ts'
import { lookTwice } from './look-twice.ts'
import type { Stage } from './stage.ts'

/**
 * Brings the file home: streamed to storage, hashed, probed. A clip that differs from the wish was paid for and is
 * delivered with a warning; only a wrong length or a file that is no playable video fails.
 */
export const deliver: Stage = {
  name: 'deliver',
  timeoutMs: () => 15 * 60_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 60_000, 120_000, 300_000],

  async run({ job, provider, access, artifacts, signal }) {
    const render = { renderId: String(job.renderId), url: job.renderUrl }
    const download = await lookTwice(() => provider.download(access, render, signal))
    const stored = await artifacts.store(download, signal)
    switch (stored.outcome) {
      case 'invalid':
        return fail('artifact_invalid', stored.reason)
      case 'storage_failed':
        return fail('storage_failed', stored.reason)
      case 'stored':
        return done({
          artifactId: stored.row.id,
          rows: [stored.row],
          warnings: [...job.warnings, ...differences(job.request.output, stored.row)],
        })
    }
  },
}

const ratioTolerance = 0.02
const durationToleranceS = 1

const differences = (wish: OutputWish, made: Extract<SideRow, { kind: 'artifact' }>): Warning[] => {
  const warnings: Warning[] = []
  const [across, down] = (wish.aspect_ratio ?? '').split(':').map(Number)
  if (across && down && made.width && made.height) {
    const isOff = Math.abs(made.width / made.height / (across / down) - 1) > ratioTolerance
    if (isOff)
      warnings.push({
        code: 'aspect_ratio_differs',
        message: `wished ${wish.aspect_ratio}, got ${made.width}×${made.height}`,
      })
  }
  if (wish.duration_s !== undefined && Math.abs(made.duration_s - wish.duration_s) > durationToleranceS)
    warnings.push({
      code: 'duration_differs',
      message: `wished ${wish.duration_s} s, got ${made.duration_s.toFixed(1)} s`,
    })
  return warnings
}
