import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { deleteUpload } from '../../actions/delete-upload.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { toUploadOut, UploadOut } from '../schemas/upload-out.ts'
import { sendPage } from '../send-page.ts'

export const uploadRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/uploads',
      onRequest: [requireKey('jobs:read', 'uploads:write'), answersJson],
      schema: {
        operationId: 'listUploads',
        summary: 'List uploads',
        tags: ['uploads'],
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(UploadOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const uploads = await deps.uploads.list(principalOf(request).tenantId, page)
        return sendPage(request, reply, deps.settings.publicUrl, toPage(uploads, limit, toUploadOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/uploads/:id',
      onRequest: [requireKey('jobs:read', 'uploads:write'), answersJson],
      schema: {
        operationId: 'getUpload',
        summary: 'Read an upload',
        tags: ['uploads'],
        params: idParams,
        response: { 200: UploadOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const upload = await deps.uploads.find(principalOf(request).tenantId, request.params.id)
        return upload === null ? sendProblem(reply, 'not_found') : reply.send(toUploadOut(upload))
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/uploads/:id',
      onRequest: [requireKey('uploads:write'), answersJson],
      schema: {
        operationId: 'deleteUpload',
        summary: 'Delete an upload',
        tags: ['uploads'],
        params: idParams,
        response: {
          204: z.undefined().describe('It is gone.'),
          ...problems('not_acceptable', 'not_found', 'upload_in_use'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const { outcome } = await deleteUpload(deps, { tenantId, uploadId: request.params.id })
        switch (outcome) {
          case 'deleted':
            return reply.code(204).send()
          case 'in_use':
            return sendProblem(reply, 'upload_in_use')
          case 'not_found':
            return sendProblem(reply, 'not_found')
        }
      },
    })
  }
