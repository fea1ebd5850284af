/** One example for each operation of the OpenAPI document. A test holds them against the schemas. */
import { batchExamples } from './examples-batches.ts'
import { intakeExamples } from './examples-intakes.ts'
import { exampleJob, jobExamples, queuedJob } from './examples-jobs.ts'
import { managementExamples } from './examples-management.ts'
import { resumableExamples } from './examples-resumable.ts'
import { serviceExamples } from './examples-service.ts'
import { sessionExamples } from './examples-sessions.ts'
import { uploadExamples } from './examples-uploads.ts'
import { usageExamples } from './examples-usage.ts'
import type { OperationExample } from './operation-example.ts'

export const examples: Readonly<Record<string, OperationExample>> = {
  ...jobExamples,
  ...uploadExamples,
  ...resumableExamples,
  ...batchExamples,
  ...intakeExamples,
  ...managementExamples,
  ...usageExamples,
  ...sessionExamples(queuedJob, exampleJob),
  ...serviceExamples,
}
