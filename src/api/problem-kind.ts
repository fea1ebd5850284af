export interface ProblemKind {
  readonly status: number
  /** Where a route answers the same problem with another status: an upload judges a file before there is a job. */
  readonly uploadStatus?: number
  readonly title: string
  /** May the very same request succeed later? */
  readonly isRetryable: boolean
  /** For the docs page: when it comes, and what to do. */
  readonly advice: string
}
