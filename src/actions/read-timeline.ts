/** Reads the draft of a job or a conversation at the provider: its tracks, its summary line, its subtitles (api.md §1). */
import {
  type Provider,
  ProviderError,
  type SessionState,
  type SubtitleFormat,
} from '../providers/provider.ts'
import { findSkill } from '../skills/index.ts'
import type { DraftPlace, DraftStore } from '../store/drafts.ts'
import type { AccessResult, AccountDesk } from './access-provider.ts'
import { type ProviderAway, toAccountAway, toProviderAway } from './provider-away.ts'
import { attributionOf } from './stage-context.ts'

export interface ReadTimelineDeps extends ReadDraftDeps {
  readonly drafts: DraftStore
}

export interface ReadDraftDeps {
  readonly accounts: Pick<AccountDesk, 'find'>
  readonly provider: Pick<Provider, 'readSession' | 'writeSubtitles'>
  readonly platform: string
}

export type DraftReading =
  | {
      readonly outcome: 'read'
      readonly timeline: Pick<SessionState, 'tracks' | 'timelineLine' | 'isExportable'>
      /** The text tracks as a file; one without cues when there are none. */
      readonly subtitles: (format: SubtitleFormat) => string
    }
  | { readonly outcome: 'no_draft'; readonly detail: string }
  | ProviderAway

export type TimelineReading = DraftReading | { readonly outcome: 'not_found' }

const readTimeoutMs = 10_000

export const readTimeline = async (
  deps: ReadTimelineDeps,
  { tenantId, jobId }: { readonly tenantId: string; readonly jobId: string },
): Promise<TimelineReading> => {
  const place = await deps.drafts.find(tenantId, jobId)
  return place === null ? { outcome: 'not_found' } : readDraft(deps, tenantId, place)
}

export const readDraft = async (
  deps: ReadDraftDeps,
  tenantId: string,
  place: DraftPlace,
): Promise<DraftReading> => {
  if (place.providerSessionId === null)
    return { outcome: 'no_draft', detail: 'There is no session at the provider yet.' }
  const found = await deps.accounts.find({ tenantId, accountId: place.accountId })
  return found.outcome === 'ready'
    ? readSession(deps, place, place.providerSessionId, found)
    : toAccountAway(found)
}

const readSession = async (
  { provider, platform }: ReadDraftDeps,
  { skill: skillName }: DraftPlace,
  sessionId: string,
  { token, isAnonymous }: Extract<AccessResult, { outcome: 'ready' }>,
): Promise<DraftReading> => {
  const skill = findSkill(skillName)
  if (skill === null) throw new Error(`a draft is of the skill ${skillName}, which is not in the catalog`)
  const access = { token, attribution: attributionOf(skill, platform) }
  try {
    const timeline = await provider.readSession(access, sessionId, AbortSignal.timeout(readTimeoutMs))
    const subtitles = (format: SubtitleFormat) => provider.writeSubtitles(timeline.tracks, format)
    return { outcome: 'read', timeline, subtitles }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return error.code === 'provider_session_lost'
      ? { outcome: 'no_draft', detail: 'The provider no longer knows its session.' }
      : toProviderAway(error, { isAnonymous })
  }
}
