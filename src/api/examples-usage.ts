/** The example of usage. */
import type { OperationExample } from './operation-example.ts'

const usage = {
  jobs: { succeeded: 40, failed: 2, canceled: 1 },
  credits: { reserved: 100, spent: 4_150, at_risk: 100 },
  render_seconds: 214.5,
  bytes: 96_468_992,
}

export const usageExamples: Readonly<Record<string, OperationExample>> = {
  getUsage: {
    responses: {
      200: {
        from: '2026-09-01',
        to: '2026-09-30',
        group_by: 'skill',
        total: usage,
        data: [{ group: 'text-to-video-higgsfield', ...usage }],
        next_cursor: null,
      },
    },
  },
}
