import type { IncomingHttpHeaders } from 'node:http'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'

/** The official library's opinion, so that our signatures are not judged by our own reading of the standard. */
export const verifyWithLibrary = (secret: string, headers: IncomingHttpHeaders, body: Buffer): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false
    throw error
  }
}
