/** I2, I3 and I6: what the provider did and charged, against what we meant to send and took for paid. */
import type { LedgerRow } from '../../sandbox/ledger-entry.ts'
import { type Dossier, ledgerOf, tally } from './dossier.ts'

type MessageRow = Extract<LedgerRow, { kind: 'message' }>

/** Permits that allow another one for the same message: it is proven that nothing came of them. */
const withoutEffect = new Set(['not_sent', 'rejected', 'not_accepted'])

/** A message that the provider accepted more often than the job has messages of these words. */
export const findDoubledGenerations = (dossier: Dossier): readonly string[] => {
  const meant = messagesByDigest(dossier)
  const accepted = ledgerOf(dossier, 'message').filter(({ verdict }) => verdict === 'accepted')
  return [...tally(accepted, digestOf)].flatMap(([digest, count]) => {
    const most = meant.get(digest) ?? 0
    return count > most ? [`message ${short(digest)} was accepted ${count} times instead of ${most}`] : []
  })
}

/** A message that arrived more often than there are permits for it, or whose permits succeed each other without proof. */
export const findUnpermittedSends = (dossier: Dossier): readonly string[] => {
  const permitted = tally(dossier.permits, ({ messageDigest }) => messageDigest)
  const arrived = tally(ledgerOf(dossier, 'message'), digestOf)
  const unpermitted = [...arrived].flatMap(([digest, count]) => {
    const most = permitted.get(digest) ?? 0
    return count > most ? [`message ${short(digest)} arrived ${count} times under ${most} permits`] : []
  })
  const effective = dossier.permits.filter(({ state }) => !withoutEffect.has(state))
  const unproven = [...tally(effective, ({ messageNo }) => String(messageNo))].flatMap(
    ([messageNo, count]) =>
      count > 1 ? [`message no. ${messageNo} has ${count} permits that may all have had an effect`] : [],
  )
  return [...unpermitted, ...unproven]
}

/** A turn that was charged twice, or a message that was. */
export const findDoubleCharges = (dossier: Dossier): readonly string[] => {
  const settled = settledCharges(dossier)
  const turns = [...tally(settled, ({ turn_id }) => turn_id)].flatMap(([turnId, count]) =>
    count > 1 ? [`turn ${turnId} was charged ${count} times`] : [],
  )
  const digestOfTurn = new Map(
    ledgerOf(dossier, 'message').map((message) => [message.turn_id, digestOf(message)]),
  )
  const meant = messagesByDigest(dossier)
  const charged = tally(settled, ({ turn_id }) => digestOfTurn.get(turn_id) ?? 'of no message')
  const messages = [...charged].flatMap(([digest, count]) => {
    const most = meant.get(digest) ?? 0
    return count > most ? [`message ${short(digest)} was charged ${count} times instead of ${most}`] : []
  })
  return [...turns, ...messages]
}

/**
 * Our account of the job against the provider's: equal where we say that we know, never less than nothing where the
 * provider has charged, and the same on the job as on its permits.
 */
export const findChargeMismatch = (dossier: Dossier): readonly string[] => {
  const { job, permits } = dossier
  if (job === null) return []
  const charged = sum(settledCharges(dossier).map(({ credits }) => credits))
  const known = sum(permits.map(({ creditsSettled }) => creditsSettled ?? 0))
  const isExact = permits.every(({ state, isEstimated }) => state !== 'unknown' && !isEstimated)
  return [
    ...(known === job.creditsSpent ? [] : [`has spent ${job.creditsSpent}, its permits ${known} credits`]),
    ...(isExact && known !== charged ? [`counts ${known} credits, the provider charged ${charged}`] : []),
    ...(known === 0 && charged > 0 ? [`counts nothing, the provider charged ${charged} credits`] : []),
  ]
}

/** A render under way or done at the provider that the job knows nothing of. */
export const findOrphanRenders = (dossier: Dossier): readonly string[] => {
  const ended = new Map(ledgerOf(dossier, 'render_end').map((row) => [row.render_id, row.status]))
  return ledgerOf(dossier, 'render').flatMap(({ verdict, render_id }) => {
    if (verdict !== 'accepted' || render_id === null || render_id === dossier.job?.renderId) return []
    const status = ended.get(render_id)
    return status === 'failed' || status === 'cancelled' ? [] : [`render ${render_id} is not the job's`]
  })
}

/** Renders that were accepted under one id more than once. */
export const findDoubledRenders = (dossier: Dossier): readonly string[] => {
  const accepted = ledgerOf(dossier, 'render').filter(({ verdict }) => verdict === 'accepted')
  return [...tally(accepted, ({ render_id }) => String(render_id))].flatMap(([renderId, count]) =>
    count > 1 ? [`render ${renderId} was accepted ${count} times`] : [],
  )
}

/** A message whose fate nobody has decided, although its job has ended. */
export const findOpenPermits = ({ permits }: Dossier): readonly string[] =>
  permits
    .filter(({ state }) => state === 'open' || state === 'accepted')
    .map(({ messageNo, state }) => `the permit of message no. ${messageNo} is still ${state}`)

/** How many sessions the provider made for the job beyond the one that it needs. They cost nothing. */
export const countSpareSessions = (dossier: Dossier): number =>
  Math.max(0, ledgerOf(dossier, 'session').filter(({ verdict }) => verdict === 'accepted').length - 1)

const digestOf = ({ text_sha256 }: MessageRow): string => text_sha256 ?? 'without text'

const short = (digest: string): string => digest.slice(0, 8)

/** How many messages of the job have these words. */
const messagesByDigest = ({ permits }: Dossier): ReadonlyMap<string, number> => {
  const messages = new Map(permits.map((permit) => [`${permit.messageNo}`, permit.messageDigest]))
  return tally([...messages.values()], (digest) => digest)
}

const settledCharges = (dossier: Dossier) =>
  ledgerOf(dossier, 'charge').filter(({ action }) => action === 'settle')

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
