import type { JobInputSource } from '../job/job.ts'
import { done, fail, type StageOutcome } from '../job/outcome.ts'
import type { MediaFile, SessionMedia } from '../providers/provider.ts'
import { requireSession } from './require-session.ts'
import type { OpenedInput, Stage, StageContext } from './stage.ts'

/**
 * Hands the inputs to the provider, one after the other. The provider's upload is not idempotent, so each input has
 * an intent row: one that was started but never acknowledged is looked for in the session before it is sent again.
 */
export const upload: Stage = {
  name: 'upload',
  timeoutMs: () => 15 * 60_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 60_000, 120_000],

  async run(context) {
    for (const [no, source] of context.job.request.inputs.entries()) {
      const refusal = await handOver(context, no, source)
      if (refusal !== null) return refusal
      context.tell.progress((no + 1) / context.job.request.inputs.length)
    }
    return done()
  },
}

const handOver = async (
  context: StageContext,
  no: number,
  source: JobInputSource,
): Promise<StageOutcome | null> => {
  const { provider, access, inputs, signal } = context
  const sessionId = requireSession(context.job)
  if ('url' in source && source.fetch === 'provider') {
    const before = await inputs.start(no, sessionId, { filename: fileNameOf(source.url), hash: null })
    if (before === 'acknowledged') return null
    const media =
      before === 'started'
        ? await findInSession(context, { filename: fileNameOf(source.url), hash: null })
        : null
    const sent = media === null ? await provider.uploadUrl(access, sessionId, source.url, signal) : [media]
    await inputs.acknowledge(no, sessionId, sent[0] ?? null)
    return null
  }
  const opened =
    'url' in source ? await inputs.fetchUrl(source.url, signal) : await inputs.openUpload(source.upload_id)
  switch (opened.outcome) {
    case 'refused':
      return fail(opened.code, opened.detail)
    case 'text':
      return null
    case 'file':
      await handOverFile(context, no, opened)
      return null
  }
}

const handOverFile = async (
  context: StageContext,
  no: number,
  { file, sha256, discard }: Extract<OpenedInput, { outcome: 'file' }>,
): Promise<void> => {
  const { provider, access, inputs, signal } = context
  const sessionId = requireSession(context.job)
  const identity = { filename: uniqueName(no, file), hash: sha256 }
  const before = await inputs.start(no, sessionId, identity)
  if (before === 'acknowledged') return
  const media = before === 'started' ? await findInSession(context, identity) : null
  const sent =
    media === null
      ? await provider.uploadFile(access, sessionId, { ...file, filename: identity.filename }, signal)
      : [media]
  await inputs.acknowledge(no, sessionId, sent[0] ?? null)
  await discard()
}

/** The place among the inputs is part of the name, so that a file can be told from its twin in the session. */
const uniqueName = (no: number, { filename }: MediaFile): string => `${no + 1}-${filename}`

const fileNameOf = (url: string): string | null => new URL(url).pathname.split('/').at(-1) || null

const findInSession = async (
  { job, provider, access, signal }: StageContext,
  identity: { readonly filename: string | null; readonly hash: string | null },
): Promise<SessionMedia | null> => {
  const state = await provider.readSession(access, requireSession(job), signal)
  return (
    state.media.find(
      ({ filename, hash, url }) =>
        (identity.filename !== null &&
          (filename === identity.filename || (url !== null && fileNameOf(url) === identity.filename))) ||
        (identity.hash !== null && hash === identity.hash && identity.filename === filename),
    ) ?? null
  )
}
