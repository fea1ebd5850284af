import { type CreateOnceDeps, type CreateOnceOutcome, type CreateRequest, createOnce } from './create-once.ts'
import type { IssueTokenOutcome } from './issue-token.ts'

export interface IssueOnceInput extends CreateRequest {
  /** What the token opens. */
  readonly resourceId: string
  readonly issue: () => Promise<IssueTokenOutcome>
  readonly toBody: (issued: Issued) => object
}

export type Issued = Extract<IssueTokenOutcome, { outcome: 'issued' }>
export type IssueOnceOutcome = CreateOnceOutcome | Exclude<IssueTokenOutcome, Issued>

/** Issues one token per `Idempotency-Key`. A token is stored nowhere else, so there is only the answer to write. */
export const issueOnce = (
  deps: CreateOnceDeps,
  { issue, resourceId, toBody, ...request }: IssueOnceInput,
): Promise<IssueOnceOutcome> =>
  createOnce<Exclude<IssueTokenOutcome, Issued>>(deps, request, async () => {
    const issued = await issue()
    if (issued.outcome !== 'issued') return issued
    return {
      outcome: 'draft',
      resourceId,
      status: 201,
      body: toBody(issued),
      insert: async (answer) => answer === null || (await deps.idempotency.reserve(answer)),
    }
  })
