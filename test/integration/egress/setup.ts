import { onTestFinished } from 'vitest'
import { parseAllowList } from '../../../src/egress/allow-list.ts'
import {
  createEgress,
  type Egress,
  type EgressOptions,
  type EgressRequest,
} from '../../../src/egress/client.ts'

interface Setup {
  egress: Egress
  /** Every name that was resolved, in order. */
  asked: string[]
}

/** An egress client of the test's own. Names have the given addresses; nothing is asked of a real DNS. */
export const setupEgress = ({
  allow = '',
  names = {},
  ...options
}: Omit<EgressOptions, 'allow' | 'lookup'> & {
  allow?: string
  names?: Record<string, string[] | (() => string[])>
} = {}): Setup => {
  const parsed = parseAllowList(allow)
  if (!parsed.ok) throw new Error(parsed.details.join())
  const asked: string[] = []
  const egress = createEgress({
    ...options,
    allow: parsed.allow,
    lookup: async (hostname) => {
      asked.push(hostname)
      const addresses = names[hostname] ?? []
      return typeof addresses === 'function' ? addresses() : addresses
    },
  })
  onTestFinished(() => egress.close())
  return { egress, asked }
}

/** A POST with generous limits; a test overrides what it is about. */
export const requestTo = (url: string, override: Partial<EgressRequest> = {}): EgressRequest => ({
  url,
  method: 'POST',
  body: Buffer.from('{}'),
  timeoutMs: 20_000,
  maxResponseBytes: 65_536,
  partialBody: 'refuse',
  ...override,
})

export const downloadFrom = (url: string, override = {}) => ({
  url,
  timeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  maxResponseBytes: 65_536,
  maxRedirects: 3,
  ...override,
})
