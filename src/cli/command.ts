/** A command: what it is for, how it is called, and where it lives. */
export interface Command {
  readonly summary: string
  /** Every form, without `clipline` before it. */
  readonly usage: readonly string[]
  /** Each flag as it is written, and what it does. `--json` and `--help` go without saying. */
  readonly flags: Readonly<Record<string, string>>
  readonly examples: readonly string[]
  /** Talks to a service over its API: CLIPLINE_URL and CLIPLINE_API_KEY say to which, and as whom. */
  readonly isClient: boolean
  readonly load: () => Promise<{ readonly run: (args: readonly string[]) => Promise<number> }>
}
