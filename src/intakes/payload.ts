/** What a verified body says: JSON, or a form. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

export type PayloadReading =
  | { readonly outcome: 'read'; readonly json: string }
  | { readonly outcome: 'unreadable'; readonly detail: string }

/**
 * The payload as JSON text. A form becomes an object of its fields; of GitHub’s forms, which carry JSON in the one
 * field `payload`, what stands in that field.
 */
export const readPayload = (
  body: Buffer,
  { contentType, isGitHub }: { readonly contentType: string; readonly isGitHub: boolean },
): PayloadReading => {
  const text = decode(body)
  if (text === null) return { outcome: 'unreadable', detail: 'must be UTF-8' }
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) return readJsonText(text)
  const fields = new URLSearchParams(text)
  return isGitHub
    ? readJsonText(fields.get('payload') ?? '')
    : { outcome: 'read', json: JSON.stringify(Object.fromEntries(fields)) }
}

const readJsonText = (text: string): PayloadReading => {
  try {
    JSON.parse(text)
    return { outcome: 'read', json: text }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { outcome: 'unreadable', detail: 'must be one JSON value (RFC 8259), or a form' }
  }
}

const decode = (body: Buffer): string | null => {
  try {
    return utf8.decode(body)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}
