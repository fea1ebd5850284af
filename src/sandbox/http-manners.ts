import fastifyMultipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'

/** Bodies are read leniently, because a sandbox is also asked by hand; a body that is no JSON counts as none. */
export const acceptBodies = async (app: FastifyInstance): Promise<void> => {
  await app.register(fastifyMultipart, { limits: { fileSize: Number.POSITIVE_INFINITY, parts: 100 } })
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) =>
    done(null, parseJson(String(text))),
  )
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Errors of the framework in the provider's envelope. A fault of ours is a 500 without its text. */
export const answerErrors = (app: FastifyInstance, report: (error: unknown) => void): void => {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not Found' }))
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) report(error)
    return reply
      .code(status)
      .send({ code: status, message: status >= 500 ? 'internal error' : error.message })
  })
}
