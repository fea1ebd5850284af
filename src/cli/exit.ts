/** Exit codes by kind of failure, the same for every command. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong that no other code names. */
  failed: 1,
  /** The command line or the settings are off. */
  usage: 2,
  /** The service, or what it stands on, could not be reached. */
  unreachable: 3,
  /** The service refused the request. */
  refused: 4,
  /** The job ended in `failed` or `canceled`. */
  jobFailed: 5,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** `jobFailed` → “job failed”. */
export const inWords = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The end of a command that has nothing more to say than its message. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly exitCode: ExitCode
  /** What `--json` says besides the message. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(exitCode: ExitCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.exitCode = exitCode
    this.details = details
  }
}
