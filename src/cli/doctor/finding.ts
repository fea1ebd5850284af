/** What an examination came to; `bad` keeps Clipline from working, `doubtful` will hurt some day. */
export type FindingState = 'good' | 'doubtful' | 'bad' | 'skipped'

export interface Finding {
  readonly part: 'database' | 'migrations' | 'queue' | 'storage' | 'provider' | 'clock' | 'disk'
  readonly state: FindingState
  /** What was seen. Never a secret. */
  readonly text: string
  /** What to do about it. */
  readonly advice: string | null
}

type Part = Finding['part']

export const good = (part: Part, text: string): Finding => ({ part, state: 'good', text, advice: null })
export const skipped = (part: Part, text: string): Finding => ({ part, state: 'skipped', text, advice: null })
export const doubtful = (part: Part, text: string, advice: string): Finding => ({
  part,
  state: 'doubtful',
  text,
  advice,
})
export const bad = (part: Part, text: string, advice: string): Finding => ({
  part,
  state: 'bad',
  text,
  advice,
})

/** Why something failed, in the words of the innermost error that has some. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name)
}

export const codeOf = (error: unknown): string | null => {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const code = (error as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : null
}

/** Where a URL points to, without what lets one in there. */
export const withoutSecrets = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** Rejects when it takes longer: an examination ends. */
export const answerWithin = async <Value>(ms: number, work: Promise<Value>): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
