/** What became of an arrival: `dropped` is a connection that was reset before anything was done. */
export type Verdict = 'accepted' | 'rejected' | 'dropped'

/** What the ledger says of one arrival or charge, before it has its number. */
export type LedgerEntry =
  | {
      kind: 'token'
      verdict: Verdict
      client_id: string | null
      ip: string
      user_id?: string
      reason?: string
    }
  | {
      kind: 'session'
      verdict: Verdict
      user_id?: string
      session_id?: string
      task_id?: string
      task_name?: string
      reason?: string
    }
  | {
      kind: 'upload'
      verdict: Verdict
      user_id?: string
      session_id: string
      form: 'multipart' | 'urls'
      files: readonly UploadedFileEntry[]
      reason?: string
    }
  | {
      kind: 'message'
      verdict: Verdict
      user_id?: string
      session_id: string
      text_sha256: string | null
      turn_id?: string
      intent?: string
      cost?: number
      reason?: string
    }
  | {
      kind: 'charge'
      action: 'freeze' | 'settle' | 'refund'
      user_id: string
      session_id: string
      turn_id: string
      credits: number
      available: number
      frozen: number
    }
  | {
      kind: 'render'
      verdict: Verdict | 'duplicate'
      user_id?: string
      session_id: string | null
      render_id: string | null
      reason?: string
    }
  | {
      kind: 'render_end'
      user_id: string
      session_id: string
      render_id: string
      status: string
      sha256?: string
      size_bytes?: number
      reason?: string
    }
  | {
      kind: 'cancel'
      verdict: Verdict
      user_id?: string
      session_id: string | null
      render_id: string
      reason?: string
    }
  | {
      kind: 'download'
      user_id?: string
      via: 'cdn' | 'proxy'
      path: string
      render_id: string | null
      status: number
      size_bytes: number
      sha256: string
      is_whole: boolean
    }

interface UploadedFileEntry {
  readonly filename: string
  readonly media_id: string
  readonly size_bytes: number
  readonly sha256: string
}

export const ledgerKinds = [
  'token',
  'session',
  'upload',
  'message',
  'charge',
  'render',
  'render_end',
  'cancel',
  'download',
] as const satisfies readonly LedgerEntry['kind'][]

export type LedgerRow = LedgerEntry & { readonly seq: number; readonly at: string }
