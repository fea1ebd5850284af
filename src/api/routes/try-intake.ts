import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { defaultsIn, refuseIntake } from '../../actions/check-intake.ts'
import { toFaults } from '../../actions/fault.ts'
import { IntakeTrialIn } from '../../actions/intake-in.ts'
import { tryIntake } from '../../actions/try-intake.ts'
import { principalOf } from '../auth.ts'
import { readJson } from '../json-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { invalidRequest } from '../request-refusal.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { FaultOut } from '../schemas/intake-out.ts'
import { JobPreviewOut, toJobPreviewOut } from '../schemas/job-preview-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { mappingProblems, sendIntakeRefusal } from '../send-intake-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

const IntakeTrialOut = z
  .object({
    outcome: z.enum(['accepted', 'ignored', 'mapping_failed', 'job_refused']),
    mapped: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The body of the job, defaults and all; null where the mapping gave none.'),
    preview: JobPreviewOut.nullable().describe('The job as it would be taken; null where it would not.'),
    problems: z.array(FaultOut).describe('Why it would not. Pointers lead into `mapped`.'),
  })
  .meta({ id: 'IntakeTrialResult' })

/** The trial as it was sent: its defaults are what was given. */
const readTrial = (body: unknown) => {
  const parsed = IntakeTrialIn.safeParse(body)
  if (!parsed.success) throw invalidRequest(toFaults(IntakeTrialIn, body, parsed.error.issues))
  return { ...parsed.data, defaults: defaultsIn(body) }
}

export const tryIntakeRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/v1/intakes/:id/test',
      onRequest: [requireKey('intakes:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'testIntake',
        summary: 'See what an intake would make of an event',
        description:
          'Nothing is stored and no job is made; the signature is not asked for. With `mapping` or `defaults`, others than those of the intake are tried.',
        tags: ['intakes'],
        params: idParams,
        body: IntakeTrialIn,
        response: {
          200: IntakeTrialOut,
          ...problems(...mappingProblems, 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId, maxCreditsPerDay } = principalOf(request)
        const { payload, mapping, defaults } = readTrial(request.body)
        const intake = await deps.intakes.find(tenantId, request.params.id)
        if (intake === null) return sendProblem(reply, 'not_found')
        const refusal = await refuseIntake(deps, { tenantId, body: request.body }, [])
        if (refusal !== null) return sendIntakeRefusal(reply, refusal)
        const tried = {
          tenantId,
          maxCreditsPerDay,
          mapping: mapping ?? intake.mapping,
          defaults: defaults ?? intake.defaults,
        }
        const trial = await tryIntake({ ...deps, readJson }, tried, payload ?? null)
        if (trial.outcome === 'busy') return sendIntakeRefusal(reply, { outcome: 'busy' })
        return reply.send({
          outcome: trial.outcome,
          mapped: trial.mapped as Record<string, unknown> | null,
          preview: trial.preview && toJobPreviewOut(trial.preview),
          problems: [...trial.faults],
        })
      },
    })
  }
