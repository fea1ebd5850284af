import { describe, expect, it } from 'vitest'
import { openEnvelope } from '../../../src/providers/nemo/envelope.ts'
import { findOutputUrl, findRenderStatus } from '../../../src/providers/nemo/render-status.ts'
import type { RenderStatus } from '../../../src/providers/provider.ts'

const baseUrl = new URL('https://api.example.test/base')
const url = 'https://static1.example.test/render_1.mp4'

/** Upstream-protocol.md §2.8 and §2.9: R1, R2, and the mixtures R3. */
const rows: [string, unknown, RenderStatus | null][] = [
  [
    'R1',
    {
      taskId: 'render_1',
      status: 'completed',
      progress: 100,
      output: { url, duration: 30.5, size: 15728640 },
    },
    { status: 'completed', url },
  ],
  [
    'R2',
    {
      success: true,
      data: {
        id: 'render_1',
        status: 'completed',
        progress: 100,
        outputUrl: url,
        createdAt: 1,
        completedAt: 2,
      },
    },
    { status: 'completed', url },
  ],
  [
    'R2 without its envelope',
    { id: 'render_1', status: 'completed', outputUrl: url },
    { status: 'completed', url },
  ],
  [
    'R2 in the common envelope',
    { code: 0, data: { status: 'completed', outputUrl: url } },
    { status: 'completed', url },
  ],
  [
    'R2 with its envelope in the common one',
    { code: 0, data: { success: true, data: { status: 'processing', progress: 40 } } },
    { status: 'processing', progressPercent: 40 },
  ],
  [
    'R1 in the common envelope',
    { code: 0, data: { status: 'completed', output: { url } } },
    { status: 'completed', url },
  ],
  ['data beside a status', { status: 'completed', data: { outputUrl: url } }, { status: 'completed', url }],
  [
    'outputUrl before output.url',
    { status: 'completed', outputUrl: url, output: { url: 'https://x.test/b' } },
    { status: 'completed', url },
  ],
  [
    'the answer to a submit',
    { success: true, data: { id: 'r', status: 'pending', progress: 5 } },
    { status: 'pending', progressPercent: 5 },
  ],
  ['no progress', { status: 'processing' }, { status: 'processing', progressPercent: 0 }],
  [
    'too much progress',
    { status: 'processing', progress: 250 },
    { status: 'processing', progressPercent: 100 },
  ],
  ['completed without a URL', { status: 'completed', progress: 100 }, { status: 'completed', url: null }],
  ['completed with an empty URL', { status: 'completed', outputUrl: '' }, { status: 'completed', url: null }],
  [
    'a URL that is none',
    { status: 'completed', outputUrl: 'javascript:alert(1)' },
    { status: 'completed', url: null },
  ],
  [
    'a relative URL',
    { status: 'completed', outputUrl: '/cdn/r.mp4' },
    { status: 'completed', url: 'https://api.example.test/cdn/r.mp4' },
  ],
  ['failed', { status: 'failed', error: 'out of memory' }, { status: 'failed', reason: 'out of memory' }],
  [
    'failed with an object',
    { status: 'failed', error: { message: 'no' } },
    { status: 'failed', reason: 'no' },
  ],
  [
    'failed without a reason',
    { status: 'failed' },
    { status: 'failed', reason: 'the render was reported as failed' },
  ],
  [
    'canceled',
    { success: true, data: { id: 'r', status: 'cancelled' } },
    { status: 'canceled', reason: 'the render was reported as cancelled' },
  ],
  ['capitals', { status: 'COMPLETED', outputUrl: url }, { status: 'completed', url }],
  ['an unknown word', { status: 'warming' }, { status: 'processing', progressPercent: 0 }],
  ['a word of Object.prototype', { status: 'constructor' }, { status: 'processing', progressPercent: 0 }],
  ['an unknown word with a URL', { status: 'ready', outputUrl: url }, { status: 'completed', url }],
  ['a URL alone', { outputUrl: url }, { status: 'completed', url }],
  ['nothing', {}, null],
  ['no object', [1], null],
]

describe('findRenderStatus', () => {
  it.each(rows)('reads %s', (_name, body, status) => {
    const opened = openEnvelope({ httpStatus: 200, text: JSON.stringify(body) })
    expect(findRenderStatus(opened.payload, baseUrl)).toEqual(status)
  })

  it('finds the URL of the download route', () => {
    expect(findOutputUrl({ output: { url, size: 1 } }, baseUrl)).toBe(url)
    expect(findOutputUrl({ output: {} }, baseUrl)).toBeNull()
  })
})
