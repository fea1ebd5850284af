import type { JobInputSource } from '../job/job.ts'
import { assertHeld } from '../job/leases.ts'
import { done, fail, type SideRow, type StageOutcome } from '../job/outcome.ts'
import { type MediaFile, ProviderError, type SessionMedia } from '../providers/provider.ts'
import { fileNameOf } from '../url-name.ts'
import { renewSession } from './renew-session.ts'
import { requireSession } from './require-session.ts'
import type { OpenedInput, Stage, StageContext } from './stage.ts'

/**
 * Hands the inputs to the provider, one after the other. The provider's upload is not idempotent, so each input has
 * an intent row: one that was started but never acknowledged is looked for in the session before it is sent again.
 * Each is acknowledged before the next one is begun, and the last one in the same statement as the end of the stage.
 */
export const upload: Stage = {
  name: 'upload',
  timeoutMs: () => 15 * 60_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 120_000, 120_000],

  async run(context) {
    try {
      return await handOverAll(context)
    } catch (error) {
      const isLost = error instanceof ProviderError && error.code === 'provider_session_lost'
      const renewed = isLost ? await renewSession(context) : null
      if (renewed === null) throw error
      return renewed
    }
  },
}

type HandedOver = Extract<SideRow, { kind: 'input' }>

const handOverAll = async (context: StageContext): Promise<StageOutcome> => {
  const { inputs } = context.job.request
  let last: HandedOver | null = null
  for (const [no, source] of inputs.entries()) {
    if (last !== null) await context.inputs.acknowledge(last)
    const result = await handOver(context, no, source)
    if (result !== null && result.kind !== 'input') return result
    last = result
    context.tell.progress((no + 1) / inputs.length)
  }
  return done(last === null ? {} : { rows: [last] })
}

/** Null where there is nothing to acknowledge: a text, or an input that was acknowledged before. */
const handOver = async (
  context: StageContext,
  no: number,
  source: JobInputSource,
): Promise<HandedOver | StageOutcome | null> => {
  const { inputs, signal } = context
  if ('url' in source && source.fetch === 'provider') return handOverUrl(context, no, source.url)
  const opened =
    'url' in source ? await inputs.fetchUrl(source.url, signal) : await inputs.openUpload(source.upload_id)
  switch (opened.outcome) {
    case 'refused':
      return fail(opened.code, opened.detail)
    case 'text':
      return null
    case 'file':
      try {
        return await handOverFile(context, no, opened)
      } finally {
        await opened.discard()
      }
  }
}

const handOverUrl = async (
  context: StageContext,
  no: number,
  url: string,
): Promise<HandedOver | StageOutcome | null> => {
  const { job, provider, access, inputs, signal } = context
  const sessionId = requireSession(job)
  // As the provider will name the file.
  const filename = fileNameOf(url)
  const before = await inputs.start(no, sessionId, { filename, hash: null })
  if (before === 'acknowledged') return null
  const twins = job.request.inputs
    .slice(0, no)
    .filter((input) => 'url' in input && input.fetch === 'provider' && fileNameOf(input.url) === filename)
  const found = before === 'started' ? await findInSession(context, filename, twins.length) : null
  // A holder that was frozen in between must not add the file beside the one that took over.
  assertHeld(context.lease)
  const sent = found === null ? await provider.uploadUrl(access, sessionId, url, signal) : [found]
  return acknowledge(context, no, sent)
}

const handOverFile = async (
  context: StageContext,
  no: number,
  { file, sha256 }: Extract<OpenedInput, { outcome: 'file' }>,
): Promise<HandedOver | StageOutcome | null> => {
  const { job, provider, access, inputs, signal } = context
  const sessionId = requireSession(job)
  const filename = uniqueName(no, file)
  const before = await inputs.start(no, sessionId, { filename, hash: sha256 })
  if (before === 'acknowledged') return null
  const found = before === 'started' ? await findInSession(context, filename, 0) : null
  assertHeld(context.lease)
  const sent =
    found === null ? await provider.uploadFile(access, sessionId, { ...file, filename }, signal) : [found]
  return acknowledge(context, no, sent)
}

/**
 * An answer that names no file is believed as long as the session holds any: the message would be paid for, and made
 * without the input.
 */
const acknowledge = async (
  { job, provider, access, signal }: StageContext,
  no: number,
  sent: readonly SessionMedia[],
): Promise<HandedOver | StageOutcome> => {
  const sessionId = requireSession(job)
  if (sent.length === 0) {
    const { media } = await provider.readSession(access, sessionId, signal)
    if (media.length === 0)
      return fail(
        'input_unreachable',
        'the provider reported no error, but its session does not hold the file',
      )
  }
  return { kind: 'input', no, provider_session_id: sessionId, provider_url: sent[0]?.url ?? null }
}

/** The place among the inputs is part of the name, so that a file can be told from its twin in the session. */
const uniqueName = (no: number, { filename }: MediaFile): string => `${no + 1}-${filename}`

/**
 * The session's medium of that name; `twins` earlier inputs of the job, and those of earlier jobs of its conversation,
 * bear the same name and account for the first ones.
 */
const findInSession = async (
  { job, provider, access, inputs, signal }: StageContext,
  name: string | null,
  twins: number,
): Promise<SessionMedia | null> => {
  if (name === null) return null
  const earlier = await inputs.countEarlier(name)
  const { media } = await provider.readSession(access, requireSession(job), signal)
  return (
    media.filter(({ filename, url }) => filename === name || fileNameOf(url ?? '') === name)[
      earlier + twins
    ] ?? null
  )
}
