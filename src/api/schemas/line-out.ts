import { z } from 'zod'
import type { LineCounts } from '../../actions/line-counts.ts'
import type { LineRejection } from '../../store/batch-results.ts'
import { type ProblemCode, problemCatalog } from '../problem-catalog.ts'
import { ProblemOut } from './problem-out.ts'

/** What is wrong with one line: a problem that is none of a request. */
const LineProblemOut = ProblemOut.omit({ instance: true, request_id: true }).meta({ id: 'LineProblem' })

type LineProblemOut = z.output<typeof LineProblemOut>

const customId = z.string().nullable()

export const LinesOut = z
  .object({
    accepted: z.int().describe('Became jobs.'),
    rejected: z.int().describe('Are kept with what is wrong with them; they hold up nothing.'),
    duplicates: z
      .int()
      .describe('Were there already: by their `custom_id`, or from before the stream broke off.'),
    total: z.int().describe('Lines of this request.'),
    errors: z
      .array(z.object({ line: z.int(), custom_id: customId, problem: LineProblemOut }))
      .describe('The first 100; GET …/errors has all.'),
  })
  .meta({ id: 'Lines' })

export type LinesOut = z.output<typeof LinesOut>

export const toLinesOut = (
  { accepted, rejected, duplicates, errors }: LineCounts,
  publicUrl: string,
): LinesOut => ({
  accepted,
  rejected,
  duplicates,
  total: accepted + rejected + duplicates,
  errors: errors.map((error) => ({
    line: error.line,
    custom_id: error.customId,
    problem: toLineProblem(error, publicUrl),
  })),
})

/** The problem that `POST /v1/jobs` would have answered. */
export const toLineProblem = (
  { isMalformed, faults }: Pick<LineRejection, 'isMalformed' | 'faults'>,
  publicUrl: string,
): LineProblemOut => {
  const first = faults[0]?.code ?? 'invalid_request'
  const code = (
    !isMalformed && Object.hasOwn(problemCatalog, first) ? first : 'invalid_request'
  ) as ProblemCode
  const { title, status, isRetryable } = problemCatalog[code]
  return {
    type: `${publicUrl}/docs/problems/${code}`,
    title,
    status,
    detail: faults
      .map(({ pointer, detail }) => `${pointer === '' ? 'The line' : pointer} ${detail}`)
      .join('; '),
    code,
    retryable: isRetryable,
    errors: faults.map((fault) => ({ ...fault })),
  }
}
