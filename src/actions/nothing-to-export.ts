import type { DraftPlace } from '../store/drafts.ts'
import type { SessionRecord } from '../store/sessions.ts'
import type { DraftReading } from './read-timeline.ts'

export interface NothingToExportDeps {
  readonly readDraft: (tenantId: string, place: DraftPlace) => Promise<DraftReading>
}

/**
 * Is it certain that an export in this conversation would find nothing? While something is under way it never is. Where
 * no job has seen a draft yet (the first generation failed, or asked a question), the provider is asked, since a change
 * may have come late; when it cannot be asked, a job finds out.
 */
export const hasNothingToExport = async (
  { readDraft }: NothingToExportDeps,
  session: SessionRecord,
): Promise<boolean> => {
  if (session.openJobIds.length > 0) return false
  if (session.providerSessionId === null) return true
  if (session.timeline !== null) return false
  const reading = await readDraft(session.tenantId, session)
  return reading.outcome === 'read' && !reading.timeline.isExportable
}
