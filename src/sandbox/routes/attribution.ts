import type { SignedCall } from '../call.ts'

const headers = ['x-skill-source', 'x-skill-version', 'x-skill-platform'] as const

/** Whether an export is refused with 402: a free plan exports only with all three attribution headers. */
export const isExportBlocked = ({ request, account, faults }: SignedCall): boolean => {
  if (account.plan === 'paid' || headers.every((name) => (request.headers[name] ?? '') !== '')) return false
  const mode = faults.take('attribution')
  if (mode === 'off') return false
  return mode === 'onlyIfBroke' ? account.available <= 0 : true
}
