import { z } from 'zod'
import { failureCodes } from '../../job/failure.ts'
import { jobStates } from '../../job/lifecycle.ts'
import { stageNames } from '../../job/plan.ts'
import type { JobFilter } from '../../store/jobs.ts'
import { cursorQuery, limitQuery } from './list.ts'
import { repeatedOf, valuesOf } from './values.ts'

const word = z.string().min(1).max(512)
const time = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-09-01T12:00:00Z' })

/** The schema would pass over it, and the list would be that of a filter less. No metadata has such a key. */
const refusePrototype = (given: unknown, context: z.RefinementCtx): unknown => {
  if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__'))
    context.addIssue({ code: 'custom', path: ['__proto__'], message: 'is a key that no metadata can have' })
  return given
}

export const JobQuery = z.strictObject({
  state: valuesOf(z.enum(jobStates)),
  stage: valuesOf(z.enum(stageNames)),
  skill: valuesOf(word),
  tag: valuesOf(word).describe('Jobs with any of these tags.'),
  batch_id: valuesOf(word),
  session_id: valuesOf(word),
  failure_code: valuesOf(z.enum(failureCodes as [(typeof failureCodes)[number], ...typeof failureCodes])),
  created_after: time.optional(),
  created_before: time.optional(),
  metadata: z
    .preprocess(refusePrototype, z.record(z.string().min(1).max(64), repeatedOf(word)).optional())
    .optional()
    .describe(
      'metadata[key]=value; every key that is given must match. A comma that is part of a value is written %2C.',
    ),
  limit: limitQuery,
  cursor: cursorQuery.optional(),
})

export type JobQuery = z.output<typeof JobQuery>

export const toJobFilter = (query: JobQuery): JobFilter => ({
  ...(query.state && { states: query.state }),
  ...(query.stage && { stages: query.stage }),
  ...(query.skill && { skills: query.skill }),
  ...(query.tag && { tags: query.tag }),
  ...(query.batch_id && { batchIds: query.batch_id }),
  ...(query.session_id && { sessionIds: query.session_id }),
  ...(query.failure_code && { failureCodes: query.failure_code }),
  ...(query.created_after && { createdAfter: new Date(query.created_after) }),
  ...(query.created_before && { createdBefore: new Date(query.created_before) }),
  ...(query.metadata && { metadata: query.metadata }),
})
