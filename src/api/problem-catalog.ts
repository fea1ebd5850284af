/**
 * Every problem that the API answers with (RFC 9457). The code is stable; `type` leads to a page of `/docs/problems`
 * that says the same as here.
 */

import { jobProblems } from './problems-jobs.ts'
import { managementProblems } from './problems-management.ts'
import { mediaProblems } from './problems-media.ts'
import { requestProblems } from './problems-requests.ts'
import { serviceProblems } from './problems-service.ts'

export const problemCatalog = {
  ...requestProblems,
  ...serviceProblems,
  ...jobProblems,
  ...mediaProblems,
  ...managementProblems,
}

export type ProblemCode = keyof typeof problemCatalog

/** By their status. */
export const problemCodes = (Object.keys(problemCatalog) as ProblemCode[]).sort(
  (one, other) => problemCatalog[one].status - problemCatalog[other].status,
)
