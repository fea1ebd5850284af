/** What the sandbox tells about itself, beside the protocol: its ledger, whether it is at rest, and how to make it fail. */
import { request } from 'undici'
import type { LedgerRow } from '../../sandbox/ledger-entry.ts'

interface LedgerPage {
  readonly rows: readonly LedgerRow[]
  readonly next_after: number
  readonly last_seq: number
}

const pageRows = 10_000

/** Every row, oldest first. */
export const readLedger = async (sandboxUrl: string): Promise<readonly LedgerRow[]> => {
  const rows: LedgerRow[] = []
  for (let after = 0; ; ) {
    const page = await ask<LedgerPage>(sandboxUrl, `/sandbox/ledger?after=${after}&limit=${pageRows}`)
    rows.push(...page.rows)
    if (page.next_after === after || page.next_after >= page.last_seq) return rows
    after = page.next_after
  }
}

/** Generations and renders that the provider is still at work on. */
export const countUnderway = async (sandboxUrl: string): Promise<number> => {
  const { turns_running, renders } = await ask<{
    readonly turns_running: number
    readonly renders: { readonly pending: number; readonly processing: number }
  }>(sandboxUrl, '/sandbox/state')
  return turns_running + renders.pending + renders.processing
}

/** A fault of the sandbox, as its README tells them. */
export interface SandboxFault {
  readonly set: Readonly<Record<string, unknown>>
  readonly endpoint?: string
  readonly probability?: number
  readonly times?: number
}

export const addFaults = async (sandboxUrl: string, faults: readonly SandboxFault[]): Promise<void> => {
  for (const fault of faults)
    await ask(sandboxUrl, '/sandbox/faults', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    })
}

export const clearFaults = async (sandboxUrl: string): Promise<void> => {
  await ask(sandboxUrl, '/sandbox/faults', { method: 'DELETE' })
}

const ask = async <T>(
  sandboxUrl: string,
  path: string,
  options: Parameters<typeof request>[1] = {},
): Promise<T> => {
  const { statusCode, body } = await request(new URL(path, sandboxUrl), options)
  const text = await body.text()
  if (statusCode >= 400) throw new Error(`the sandbox answered ${path} with ${statusCode}: ${text}`)
  return (text === '' ? null : JSON.parse(text)) as T
}
