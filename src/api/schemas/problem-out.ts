import { z } from 'zod'
import { type ProblemCode, problemCatalog, problemCodes } from '../problem-catalog.ts'

export const ProblemOut = z
  .object({
    type: z.string().describe('The page that explains the code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(problemCodes as [ProblemCode, ...ProblemCode[]]),
    retryable: z.boolean().describe('May the very same request succeed later?'),
    request_id: z.string(),
    errors: z.array(
      z.object({
        pointer: z
          .string()
          .describe('A JSON pointer into the body, or into /query, /headers or /path for what is not in it.'),
        code: z.string(),
        detail: z.string(),
      }),
    ),
  })
  .meta({ id: 'Problem', description: 'Every error looks like this (RFC 9457).' })

const everywhere: readonly ProblemCode[] = ['invalid_request', 'internal', 'unavailable']
const withKey: readonly ProblemCode[] = ['unauthorized', 'forbidden', 'rate_limited']

type ProblemResponse = {
  readonly description: string
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof ProblemOut } }
}

/** The problems that a route with a key may answer, as the responses of its schema. */
export const problems = (...codes: readonly ProblemCode[]): Record<number, ProblemResponse> =>
  toResponses([...codes, ...withKey, ...everywhere], 'status')

/** The same for a route without a key. */
export const openProblems = (...codes: readonly ProblemCode[]): Record<number, ProblemResponse> =>
  toResponses([...codes, ...everywhere], 'status')

/** The same for the routes that take files, where a file is judged before there is a job. */
export const uploadProblems = (...codes: readonly ProblemCode[]): Record<number, ProblemResponse> =>
  toResponses([...codes, ...withKey, ...everywhere], 'uploadStatus')

const toResponses = (
  codes: readonly ProblemCode[],
  preferred: 'status' | 'uploadStatus',
): Record<number, ProblemResponse> => {
  const statusOf = (code: ProblemCode): number => {
    const kind: { readonly status: number; readonly uploadStatus?: number } = problemCatalog[code]
    return kind[preferred] ?? kind.status
  }
  return Object.fromEntries(
    [...Map.groupBy(codes, statusOf)].map(([status, grouped]) => [
      status,
      {
        description: grouped.map((code) => `\`${code}\`: ${problemCatalog[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: ProblemOut } },
      },
    ]),
  )
}
