/** I4 and I5: every end is told, under one identity, with a valid signature, until it is taken. */
import type { Dossier } from './dossier.ts'

/** Receivers refuse what is older or newer than this (guarantees.md §3.5). */
const mostSkewMs = 30_000

/** States of a delivery that has ended without being taken: visible to its client, and replayable. */
const givenUp = new Set(['exhausted', 'failed'])

/** An event that its client wanted to hear of and has not, without that being visible. */
export const findUndelivered = ({ job, events, deliveries, calls }: Dossier): readonly string[] => {
  const wanted = new Set(job?.callbackEvents ?? [])
  const taken = new Set(
    calls
      .filter(({ status, isVerified }) => isVerified && status >= 200 && status < 300)
      .map(({ webhookId }) => webhookId),
  )
  return events
    .filter(({ type }) => wanted.has(type))
    .flatMap(({ id, type }) => {
      const delivery = deliveries.find(({ eventId }) => eventId === id)
      if (delivery === undefined) return [`${type} has no delivery`]
      if (givenUp.has(delivery.state)) return []
      if (delivery.state === 'waiting') return [`${type} is still waiting after ${delivery.tries} tries`]
      return taken.has(id) ? [] : [`${type} counts as delivered, and its receiver never took it`]
    })
}

/** Events whose delivery was given up: allowed, and to be counted. */
export const countGivenUp = ({ deliveries }: Dossier): number =>
  deliveries.filter(({ state }) => givenUp.has(state)).length

/** A call with a signature that does not hold, or a clock that is off. */
export const findUnverified = ({ calls }: Dossier): readonly string[] =>
  calls.flatMap(({ isVerified, webhookId, skewMs }) => [
    ...(isVerified ? [] : [`${webhookId} came without a valid signature`]),
    ...(Math.abs(skewMs) > mostSkewMs ? [`${webhookId} was stamped ${skewMs} ms off`] : []),
  ])

/** An event told under another id than its own, under several, or in several wordings. */
export const findUnsteadyIdentity = ({ events, calls, deliveries }: Dossier): readonly string[] => {
  const typeOf = new Map(events.map(({ id, type }) => [id, type as string]))
  const strangers = calls
    .filter(({ webhookId, type }) => typeOf.get(webhookId) !== type)
    .map(({ webhookId, type }) => `${type} was told as ${webhookId}, which is no such event of the job`)
  const bodies = new Map<string, Set<string>>()
  for (const { webhookId, bodySha256 } of calls)
    bodies.set(webhookId, (bodies.get(webhookId) ?? new Set()).add(bodySha256))
  const reworded = [...bodies].flatMap(([webhookId, { size }]) =>
    size > 1 ? [`${webhookId} was told in ${size} wordings`] : [],
  )
  const rows = new Set(deliveries.map(({ eventId }) => eventId))
  const doubled =
    deliveries.length > rows.size ? [`has ${deliveries.length} deliveries for ${rows.size} events`] : []
  return [...strangers, ...reworded, ...doubled]
}

/** Calls beyond the first one that was taken, event by event: receivers have to live with them, and count them. */
export const countRepeats = ({ calls }: Dossier): number => {
  const taken = calls.filter(({ status }) => status >= 200 && status < 300)
  return taken.length - new Set(taken.map(({ webhookId }) => webhookId)).size
}
