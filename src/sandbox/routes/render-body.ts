import { z } from 'zod'
import type { Draft } from '../render/draft.ts'

/** What a render is asked for (§2.8): the one body with a camel-case key. Drafts are read tolerantly. */
const RenderIn = z.object({
  id: z.string().min(1).max(128),
  sessionId: z.string().min(1).max(64),
  draft: z.looseObject({
    t: z.array(z.looseObject({ sg: z.array(z.looseObject({})).optional() })).optional(),
  }),
  output: z.record(z.string(), z.unknown()).optional(),
})

export interface RenderWish {
  readonly id: string
  readonly sessionId: string
  readonly draft: Draft
  readonly output: Readonly<Record<string, unknown>>
}

const formats = ['mp4']

/** The wish, or in words what is wrong with it. */
export const readRenderWish = (body: unknown): RenderWish | string => {
  const read = RenderIn.safeParse(body)
  if (!read.success) return z.prettifyError(read.error)
  const { id, sessionId, draft, output = {} } = read.data
  if (!isExportable(draft)) return 'the draft has no segments'
  if (output['format'] !== undefined && !formats.includes(String(output['format'])))
    return 'the format must be mp4'
  return { id, sessionId, draft: draft as Draft, output }
}

/** §4.4: some track has a segment. */
const isExportable = ({
  t = [],
}: {
  t?: readonly { sg?: readonly unknown[] | undefined }[] | undefined
}): boolean => t.some((track) => (track.sg ?? []).length > 0)
