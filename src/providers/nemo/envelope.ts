import { findNumber, findText, isRecord, type JsonRecord, parseJson, toRecord } from './json.ts'

/** An answer of the provider's, read whole. */
export interface Answer {
  readonly httpStatus: number
  readonly text: string
}

/** What an answer says once its envelope is taken off. */
export type Opened =
  | { readonly isOk: true; readonly payload: unknown }
  | {
      readonly isOk: false
      /** False when a 2xx answer is not JSON at all: an error page, a proxy's greeting. */
      readonly isJson: boolean
      /** The provider's own code; null when the answer holds none. */
      readonly code: number | null
      readonly message: string | null
      /** What the answer holds all the same, such as a user id. */
      readonly payload: unknown
    }

/**
 * Takes off the envelope in the order of the official client (upstream-protocol.md §2.1): an HTTP status that is not
 * 2xx is an error, whose body may name a code; then `{code, message, data}`, where a code other than 0 is an error even
 * on HTTP 200; then `{success, data, error}`; anything else is bare. A 2xx answer that is not JSON is an error.
 */
export const openEnvelope = ({ httpStatus, text }: Answer): Opened => {
  const reading = parseJson(text)
  const body = reading.isJson ? reading.value : null
  if (httpStatus < 200 || httpStatus > 299) return failed(toRecord(body))
  if (!reading.isJson) return { isOk: false, isJson: false, code: null, message: null, payload: null }
  const outer = openLayer(body)
  return outer.isOk && isEnveloped(outer.payload) ? openLayer(outer.payload) : outer
}

const openLayer = (body: unknown): Opened => {
  if (!isRecord(body)) return { isOk: true, payload: body }
  if (hasCode(body)) return codeOf(body) === 0 ? { isOk: true, payload: body['data'] ?? {} } : failed(body)
  if (body['success'] === false) return failed(body)
  return { isOk: true, payload: body['success'] === true && isRecord(body['data']) ? body['data'] : body }
}

/** A render's envelope inside the common one; a payload with a `code` of its own is left alone. */
const isEnveloped = (payload: unknown): boolean =>
  isRecord(payload) &&
  (payload['success'] === false || ('data' in payload && (hasCode(payload) || payload['success'] === true)))

const hasCode = (body: JsonRecord): boolean => body['code'] !== undefined && body['code'] !== null

/** Null for a code that is no number: an error all the same, of unknown code. */
const codeOf = (body: JsonRecord): number | null => findNumber(body['code'])

const failed = (body: JsonRecord): Opened => {
  const { data, detail, error, error_message: errorMessage, message, msg } = body
  const texts = [message, msg, error, toRecord(error)['message'], detail, errorMessage, firstDetail(detail)]
  const code = codeOf(body) ?? findNumber(toRecord(error)['code'])
  return {
    isOk: false,
    isJson: true,
    code: code === 0 ? null : code,
    message: texts.map(findText).find((text) => text !== null) ?? null,
    payload: data ?? body,
  }
}

/** FastAPI's validation errors: `{detail: [{loc, msg, type}]}`. */
const firstDetail = (detail: unknown): unknown => (Array.isArray(detail) ? toRecord(detail[0])['msg'] : null)
