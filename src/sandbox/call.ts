import type { FastifyRequest } from 'fastify'
import type { Account } from './accounts.ts'
import type { Answer } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import type { CallFaults } from './faults/faults.ts'
import type { LedgerEntry, Verdict } from './ledger-entry.ts'
import type { Scope, Token } from './tokens.ts'

/** One request, read as far as every route needs it. */
export interface Call {
  readonly request: FastifyRequest
  readonly params: Readonly<Record<string, string>>
  /** Parsed JSON; undefined when there was none or it could not be parsed. */
  readonly body: unknown
  readonly ip: string
  /** Where the client reached us, for the URLs in the answer: it may have come through a proxy. */
  readonly origin: string
  readonly faults: CallFaults
}

export interface SignedCall extends Call {
  readonly account: Account
  readonly token: Token
}

/** What becomes of a call that is refused: its row in the ledger. */
type DescribeArrival = (
  call: Call,
  outcome: { readonly verdict: Verdict; readonly reason: string; readonly user_id?: string },
) => LedgerEntry

interface RouteBase {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly endpoint: Endpoint
  /** The provider session or render that the call names, so that faults can be aimed at it. */
  readonly target?: (call: Omit<Call, 'faults'>) => {
    readonly sessionId?: string
    readonly taskName?: string
  }
  /** Given by the routes whose arrivals the ledger must know. */
  readonly describe?: DescribeArrival
}

interface OpenRoute extends RouteBase {
  readonly scope: null
  readonly answer: (call: Call) => Answer | Promise<Answer>
}

interface SignedRoute extends RouteBase {
  /** What the token must allow. */
  readonly scope: Scope
  readonly answer: (call: SignedCall) => Answer | Promise<Answer>
}

export type Route = OpenRoute | SignedRoute

/** A text field of a JSON body; null when it is missing or something else. */
export const textField = (body: unknown, name: string): string | null => {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' ? value : null
}
