import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { jobStates } from '../../job/lifecycle.ts'
import { principalOf } from '../auth.ts'
import {
  type ResultFormat,
  resultFormats,
  resultMediaTypes,
  writeErrors,
  writeResults,
} from '../lines/write-results.ts'
import { preferenceFor } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'
import { valuesOf } from '../schemas/values.ts'
import { requireKeyOrToken, tokenQuery } from '../token-auth.ts'

/** So that a browser can follow a link to them. */
const tokenUse = { purpose: 'stream', claim: 'batch_id' } as const

const formatQuery = z
  .enum(resultFormats)
  .optional()
  .describe('Instead of `Accept`: application/x-ndjson or text/csv.')

const jobIdShape = 'job_[0-9a-f-]{36}'

const afterJob = z
  .string()
  .regex(new RegExp(`^${jobIdShape}$`), { error: 'must be the id of a job' })
  .optional()
  .describe('Only what stands behind the row of this job: goes on with a list that broke off.')

const afterRow = z
  .string()
  .regex(new RegExp(`^(\\d{1,9}|${jobIdShape})$`), {
    error: 'must be the number of a line, or the id of a job',
  })
  .optional()
  .describe('Only what stands behind this: a line that became no job, by its number, or a job that failed.')

const streams = {
  200: {
    description: 'One line each, as long as there are some.',
    content: {
      'application/x-ndjson': { schema: z.string() },
      'text/csv': { schema: z.string() },
    },
  },
  ...problems('invalid_token', 'not_acceptable', 'not_found'),
}

export const batchResultRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps } = context
    const { publicUrl } = deps.settings

    app.route({
      method: 'GET',
      url: '/v1/batches/:id/results',
      exposeHeadRoute: false,
      onRequest: [requireKeyOrToken(context, tokenUse)],
      schema: {
        operationId: 'getBatchResults',
        summary: 'Stream the jobs of a batch',
        description:
          'Every line that became a job, in the order of the lines, as it stands when it is read: `{line, custom_id, job}`, or a row of a table. At any time, and of any length; one that broke off goes on with `after` the last job of it.',
        tags: ['batches'],
        params: idParams,
        querystring: z.strictObject({
          format: formatQuery,
          state: valuesOf(z.enum(jobStates)),
          after: afterJob,
          token: tokenQuery,
        }),
        response: streams,
      },
      handler: async (request, reply) => {
        const { state: states = null, after: afterId = null } = request.query
        return sendRows(context, request, reply, {
          batchId: request.params.id,
          format: request.query.format,
          write: (format, batchId) =>
            writeResults(deps.batchResults.results(batchId, { states, afterId }), format, publicUrl),
        })
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/batches/:id/errors',
      exposeHeadRoute: false,
      onRequest: [requireKeyOrToken(context, tokenUse)],
      schema: {
        operationId: 'getBatchErrors',
        summary: 'Stream what went wrong in a batch',
        description:
          'First the lines that did not become jobs, by number, each with its `problem`; then the jobs that failed, each with its `failure`: `{line, custom_id, job_id, problem, failure}`, or a row of a table.',
        tags: ['batches'],
        params: idParams,
        querystring: z.strictObject({ format: formatQuery, after: afterRow, token: tokenQuery }),
        response: streams,
      },
      handler: async (request, reply) =>
        sendRows(context, request, reply, {
          batchId: request.params.id,
          format: request.query.format,
          write: (format, batchId) => {
            const { after = '0' } = request.query
            const afterId = after.startsWith('job_') ? after : null
            // The lines that became no jobs stand before all jobs.
            const rejections = afterId === null ? deps.batchResults.rejections(batchId, Number(after)) : []
            const failed = deps.batchResults.results(batchId, { states: ['failed'], afterId })
            return writeErrors({ rejections, failed }, format, publicUrl)
          },
        }),
    })
  }

interface RowsWanted {
  readonly batchId: string
  readonly format: ResultFormat | undefined
  readonly write: (format: ResultFormat, batchId: string) => AsyncIterable<string>
}

/** Rows are read as fast as the client takes them. One who is cut off sees that: the body does not end. */
const sendRows = async (
  { deps, closing }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  rows: RowsWanted,
): Promise<FastifyReply> => {
  const format = rows.format ?? preferredFormat(request.headers.accept)
  if (format === null)
    return sendProblem(reply, 'not_acceptable', {
      detail: `This answers with ${Object.values(resultMediaTypes).join(' or ')}.`,
    })
  const batch = await deps.batches.find(principalOf(request).tenantId, rows.batchId)
  if (batch === null) return sendProblem(reply, 'not_found')
  const body = Readable.from(rows.write(format, batch.id), { highWaterMark: 1 })
  const stop = () => body.destroy(new Error('the service is stopping'))
  closing.addEventListener('abort', stop)
  body.once('close', () => closing.removeEventListener('abort', stop))
  return reply.type(`${resultMediaTypes[format]}; charset=utf-8`).send(body)
}

const preferredFormat = (accept: string | undefined): ResultFormat | null => {
  const wanted = resultFormats
    .map((format) => ({ format, quality: preferenceFor(accept, resultMediaTypes[format]) }))
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality)
  return wanted[0]?.format ?? null
}
