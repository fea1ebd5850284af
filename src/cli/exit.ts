/** Exit codes by kind of failure, the same for every command. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong that no other code names. */
  failed: 1,
  /** The command line or the settings are off. */
  usage: 2,
  /** The service could not be reached. */
  unreachable: 3,
  /** The service refused the request. */
  refused: 4,
  /** The job ended in `failed` or `canceled`. */
  jobFailed: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The end of a command that has nothing more to say than its message. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
