import type { FailureCode } from '../../job/failure.ts'
import { type CallEvidence, ProviderError } from '../provider.ts'
import type { Opened } from './envelope.ts'
import { findId, toRecord } from './json.ts'
import { redact } from './redact.ts'

/** The calls of upstream-protocol.md §1.3, as errors name them. */
export const operations = {
  token: 'requesting a token',
  session: 'creating a session',
  message: 'sending a message',
  upload: 'uploading media',
  credits: 'reading the credits',
  state: 'reading the session',
  renderSubmit: 'submitting the render',
  renderPoll: 'polling the render',
  renderCancel: 'canceling the render',
  download: 'downloading the render',
  claim: 'requesting a browser link',
} as const

export type Operation = keyof typeof operations

interface Meaning {
  readonly code: FailureCode
  readonly evidence: CallEvidence
  readonly says: string
}

const rejected = (code: FailureCode, says: string): Meaning => ({ code, evidence: 'rejected', says })

/** Codes in the body, upstream-protocol.md §5. They count whatever the HTTP status is. */
const businessCodes: Readonly<Record<number, Meaning>> = {
  1001: rejected('provider_auth_failed', 'the token is invalid or has expired'),
  1002: rejected('provider_session_lost', 'the session does not exist'),
  1010: rejected('provider_auth_failed', 'the token is invalid'),
  1011: rejected('provider_auth_failed', 'the token has expired'),
  2001: rejected('out_of_credits', 'the credits are used up'),
  4001: rejected('unsupported_media_type', 'the type of file is not supported'),
  4002: rejected('media_too_large', 'the file is too large'),
}

/** HTTP statuses without a known code; also codes of the same numbers in a body. */
const httpStatuses: Readonly<Record<number, Meaning>> = {
  400: rejected('provider_rejected', 'the request is malformed'),
  401: rejected('provider_auth_failed', 'the credentials were refused'),
  402: rejected('provider_rejected', 'the plan does not cover this, or attribution headers are missing'),
  403: rejected('provider_rejected', 'the token or the plan does not cover this'),
  404: rejected('provider_rejected', 'there is no such thing'),
  408: rejected('provider_unavailable', 'the request took too long to arrive'),
  422: rejected('provider_rejected', 'the request is malformed'),
  429: rejected('provider_rate_limited', 'too many calls'),
}

const exportRefused = rejected(
  'export_not_allowed',
  'the plan does not cover exports, or attribution headers are missing',
)
const sessionUnknown = rejected('provider_session_lost', 'the session does not exist')

const sessionBusy = rejected('provider_unavailable', 'the session is busy with another message')

/** What a status means on one call only. */
const operationStatuses: Partial<Record<Operation, Readonly<Record<number, Meaning>>>> = {
  message: { 404: sessionUnknown, 409: sessionBusy },
  state: { 404: sessionUnknown },
  upload: {
    404: sessionUnknown,
    413: rejected('media_too_large', 'the file is too large'),
    415: rejected('unsupported_media_type', 'the type of file is not supported'),
  },
  renderSubmit: { 402: exportRefused, 403: exportRefused },
  renderPoll: { 402: exportRefused, 403: exportRefused },
  download: { 402: exportRefused, 403: exportRefused },
}

const brokeDown: Meaning = { code: 'provider_unavailable', evidence: 'answered', says: 'it broke down' }
const unreadable: Meaning = { ...brokeDown, says: 'the answer is not JSON' }
const refused = rejected('provider_rejected', 'it refused')
/** Where a gateway stands before the API: it has moved, or is not there right now. */
const elsewhere: Meaning = { ...brokeDown, says: 'it points elsewhere' }
const nobodyThere = rejected('provider_unavailable', 'there is nobody, not even with an error of the API')
/** For these, not to be there is an answer, however short it is. */
const lookups: ReadonlySet<Operation> = new Set(['renderSubmit', 'renderPoll', 'renderCancel', 'download'])

/** Where people register an anonymous account so that its projects and credits stay theirs (§2.12). */
export const registrationLink = (userId: string): string =>
  `https://nemovideo.com/register?bind=${encodeURIComponent(userId)}`

export type OpenedError = Extract<Opened, { isOk: false }>

export interface ErrorAnswer {
  readonly operation: Operation
  readonly httpStatus: number
  readonly opened: OpenedError
  readonly retryAfterMs: number | null
  /** The token of the call, never to be quoted. */
  readonly secret?: string
  /** Whose account it is, when that is known; else the answer is asked. */
  readonly userId?: string | null
}

/** The error that an error answer is. */
export const toProviderError = (answer: ErrorAnswer): ProviderError => {
  const { operation, httpStatus, opened, retryAfterMs, secret } = answer
  const { code, evidence, says } = meaningOf(operation, httpStatus, opened)
  const quoted = opened.message === null ? '' : `: “${redact(opened.message, secret)}”`
  const numbers = `HTTP ${httpStatus}${opened.code === null ? '' : `, code ${opened.code}`}`
  const message = `NemoVideo, ${operations[operation]}: ${says} (${numbers})${quoted}${wayOut(code, answer)}`
  return new ProviderError(code, message, { evidence, httpStatus, providerCode: opened.code, retryAfterMs })
}

/** A known code first, then an HTTP status that is an error, then the status that a code imitates (§2.1). */
const meaningOf = (operation: Operation, httpStatus: number, opened: OpenedError): Meaning => {
  const { code, isJson } = opened
  if (!isJson) return unreadable
  const known = code === null ? undefined : businessCodes[code]
  if (known !== undefined) return known
  const status = isSuccess(httpStatus) ? code : httpStatus
  if (status === null) return refused
  if (httpStatus === 404 && saysNothing(opened) && !lookups.has(operation)) return nobodyThere
  if (status >= 300 && status <= 399) return elsewhere
  const meaning = operationStatuses[operation]?.[status] ?? httpStatuses[status]
  return meaning ?? (status >= 500 && status <= 599 ? brokeDown : refused)
}

/** The API explains its errors; a page of a gateway's is none of them, and says nothing of a session. */
const saysNothing = ({ code, message, payload }: OpenedError): boolean =>
  code === null && message === null && Object.keys(toRecord(payload)).length === 0

const wayOut = (code: FailureCode, { opened, userId }: ErrorAnswer): string => {
  if (code !== 'out_of_credits') return ''
  const payload = toRecord(opened.payload)
  const id = userId ?? findId(payload['user_id']) ?? findId(payload['userId'])
  return id === null ? '' : `. Register at ${registrationLink(id)} to keep the projects and go on.`
}

const isSuccess = (httpStatus: number): boolean => httpStatus >= 200 && httpStatus <= 299

/** A 2xx answer that cannot be what was asked for. */
export const unreadableAnswer = (operation: Operation, detail: string): ProviderError =>
  new ProviderError('provider_unavailable', `NemoVideo, ${operations[operation]}: ${detail}`, {
    evidence: 'answered',
  })

/** A call that got no answer, or only a part of one. `wasWritten`: bytes of the request may have left. */
export const unansweredCall = (operation: Operation, wasWritten: boolean, cause: unknown): ProviderError =>
  new ProviderError('provider_unavailable', `NemoVideo, ${operations[operation]}: ${causeOf(cause)}`, {
    evidence: wasWritten ? 'unknown' : 'not_sent',
    cause,
  })

/** A few words on why a call broke: the system's or undici's code, and the message. */
export const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return redact(String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const first = error instanceof AggregateError ? error.errors[0] : undefined
  const text = first instanceof Error ? first.message : error.message
  return redact(text.includes(code) || text === '' ? text || code : `${code}: ${text}`)
}
