import type { ProviderAccess } from '../provider.ts'
import type { Client } from './client.ts'
import { unreadableAnswer } from './errors.ts'
import { accessHeaders } from './headers.ts'
import { findText, toRecord } from './json.ts'

/**
 * A link that opens a session in the provider's web page. It carries a claim token, which opens that page and nothing
 * else for 7 days; an access token must never be put in a URL (upstream-protocol.md §2.12).
 */
export const createBrowserLink = async (
  client: Client,
  access: ProviderAccess,
  { taskId, sessionId }: { readonly taskId: string; readonly sessionId: string },
  signal: AbortSignal,
): Promise<string> => {
  const payload = await client.call(
    {
      operation: 'claim',
      method: 'POST',
      path: '/api/auth/claim-token',
      headers: accessHeaders(access),
      json: { task_id: taskId, session_id: sessionId },
    },
    signal,
  )
  const claimToken = findText(toRecord(payload)['claim_token'])
  if (claimToken === null) throw unreadableAnswer('claim', 'the answer holds no claim token')
  return `https://nemovideo.com/workspace/claim?ct=${encodeURIComponent(claimToken)}`
}
