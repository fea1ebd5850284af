/** The HTTP API, built without listening (api.md). Every route is registered here, by name. */
import fastify, { type FastifyInstance } from 'fastify'
import { guardAdmission } from './admission.ts'
import { createAuth, principalDecoratorName } from './auth.ts'
import { createClientErrorHandler } from './client-error.ts'
import { preflightRoutes } from './cross-origin.ts'
import type { ApiDeps } from './deps.ts'
import { docsRoutes } from './docs.ts'
import { drainConnections } from './drain-connections.ts'
import { createFailedKeys } from './failed-keys.ts'
import { createErrorHandler } from './framework-error.ts'
import { parseJsonBodies } from './json-parser.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { cutLingering } from './linger.ts'
import { registerOpenApi } from './openapi.ts'
import { publicUrlDecorator } from './problem.ts'
import { parseQueryString } from './query-string.ts'
import { createRateLimiter } from './rate-limit.ts'
import { createExpectationHandler } from './refuse-expectation.ts'
import { guardRequests, toRequestId } from './request-guard.ts'
import type { RouteContext } from './route-context.ts'
import { adminKeyRoutes } from './routes/admin-keys.ts'
import { adminProviderAccountRoutes } from './routes/admin-provider-accounts.ts'
import { adminRecordRoutes } from './routes/admin-records.ts'
import { adminTenantRoutes } from './routes/admin-tenants.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { batchLineRoute } from './routes/batch-lines.ts'
import { batchResultRoutes } from './routes/batch-results.ts'
import { batchRoutes } from './routes/batches.ts'
import { callbackDeliveryRoutes } from './routes/callback-deliveries.ts'
import { callbackEndpointRoutes } from './routes/callback-endpoints.ts'
import { callbackSecretRoutes } from './routes/callback-secret.ts'
import { consoleRoutes } from './routes/console.ts'
import { createBatchRoute } from './routes/create-batch.ts'
import { createCallbackEndpointRoutes } from './routes/create-callback-endpoint.ts'
import { createIntakeRoute } from './routes/create-intake.ts'
import { createJobRoute } from './routes/create-job.ts'
import { createUploadRoute } from './routes/create-upload.ts'
import { creditRoutes } from './routes/credits.ts'
import { eraseJobRoute } from './routes/erase-job.ts'
import { eventRoutes } from './routes/events.ts'
import { explainJobRoute } from './routes/explain-job.ts'
import { healthRoutes } from './routes/health.ts'
import { intakeFailureRoutes } from './routes/intake-failures.ts'
import { intakeRoutes } from './routes/intakes.ts'
import { jobEventRoutes } from './routes/job-events.ts'
import { jobRoutes } from './routes/jobs.ts'
import { keyRoutes } from './routes/keys.ts'
import { metricsRoute } from './routes/metrics.ts'
import { providerAccountRoutes } from './routes/provider-account.ts'
import { queueBoardRoutes } from './routes/queue-board.ts'
import { receiveEventRoute } from './routes/receive-event.ts'
import { redriveJobRoute } from './routes/redrive-job.ts'
import { resumableUploadRoutes } from './routes/resumable-uploads.ts'
import { sessionDraftRoutes } from './routes/session-drafts.ts'
import { sessionMessageRoutes } from './routes/session-messages.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { skillRoutes } from './routes/skills.ts'
import { timelineRoute } from './routes/timeline.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { tryIntakeRoute } from './routes/try-intake.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { usageRoutes } from './routes/usage.ts'
import { cutSlowBodies } from './slow-bodies.ts'
import { createEventHub } from './streams/event-hub.ts'
import { createStreamRoom } from './streams/stream-room.ts'
import { refuseUndeclaredQuery } from './strict-query.ts'
import { tellAnswers } from './tell-answers.ts'
import { serializerCompiler, validatorCompiler } from './validation.ts'

const bodyLimitBytes = 1_048_576
/** Longer than any answer is held: `Prefer: wait` holds one for 60 s. */
const idleConnectionMs = 120_000
/** Longer than a proxy keeps its idle connections, so that it is never the one to find one closed. */
const keepAliveMs = 72_000
const headersTimeoutMs = 20_000
/** An upload may take long; what takes long without moving is cut by `cutSlowBodies`. */
const requestTimeoutMs = 3_600_000
const longestIdCharacters = 100

export const buildServer = async (deps: ApiDeps): Promise<FastifyInstance> => {
  const { publicUrl } = deps.settings
  const closing = new AbortController()
  const app = buildBareServer(deps)
  app.decorate(publicUrlDecorator, publicUrl)
  app.decorateRequest(principalDecoratorName, null)
  guardRequests(app, { publicUrl, isClosing: () => closing.signal.aborted })
  guardAdmission(app, deps)
  cutSlowBodies(app, deps.clock)
  cutLingering(app, deps.clock)
  drainConnections(app, deps.clock, deps.settings.shutdownMs)
  tellAnswers(app, deps)
  refuseUndeclaredQuery(app)

  const context = buildContext(deps, closing.signal)
  const unlisten = deps.onEventsWritten?.(() => context.hub.poke())
  // Whoever waits is answered, and streams end, before the server waits for its connections.
  app.addHook('preClose', async () => {
    closing.abort()
    unlisten?.()
    context.room.close()
    context.hub.close()
  })

  await registerOpenApi(app, deps.settings)
  await app.register(docsRoutes)
  for (const routes of [
    createJobRoute,
    jobRoutes,
    redriveJobRoute,
    explainJobRoute,
    timelineRoute,
    eraseJobRoute,
    jobEventRoutes,
    eventRoutes,
    createBatchRoute,
    batchRoutes,
    batchLineRoute,
    batchResultRoutes,
    sessionRoutes,
    sessionMessageRoutes,
    sessionDraftRoutes,
    createUploadRoute,
    uploadRoutes,
    resumableUploadRoutes,
    artifactRoutes,
    tokenRoutes,
    preflightRoutes,
    skillRoutes,
    creditRoutes,
    usageRoutes,
    createCallbackEndpointRoutes,
    callbackEndpointRoutes,
    callbackSecretRoutes,
    callbackDeliveryRoutes,
    createIntakeRoute,
    intakeRoutes,
    tryIntakeRoute,
    intakeFailureRoutes,
    receiveEventRoute,
    keyRoutes,
    providerAccountRoutes,
    adminTenantRoutes,
    adminKeyRoutes,
    adminProviderAccountRoutes,
    adminRecordRoutes,
    healthRoutes,
    metricsRoute,
    queueBoardRoutes,
    consoleRoutes,
  ])
    await app.register(routes(context))
  await app.ready()
  return app
}

const buildBareServer = ({ clock, log, settings }: ApiDeps): FastifyInstance => {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    // Whose X-Forwarded-For counts: nobody's, unless proxies are named.
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    connectionTimeout: idleConnectionMs,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestTimeoutMs,
    // A request without a host is answered by our own guard too.
    http: { headersTimeout: headersTimeoutMs, requireHostHeader: false },
    // Answered by our own guard, as a problem.
    return503OnClosing: false,
    genReqId: ({ headers }) => toRequestId(headers['x-request-id'], clock.nowMs()),
    clientErrorHandler: createClientErrorHandler({ publicUrl: settings.publicUrl, clock }),
    // No hook has seen such a request.
    frameworkErrors: (error, request, reply) =>
      handleError(error, request, reply.header('x-request-id', request.id)),
    routerOptions: { maxParamLength: longestIdCharacters, querystringParser: parseQueryString },
  })
  app.server.on('checkExpectation', createExpectationHandler({ publicUrl: settings.publicUrl, clock }))
  const handleError = createErrorHandler(log)
  app.setErrorHandler(handleError)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.removeAllContentTypeParsers()
  parseJsonBodies(app)
  return app
}

const buildContext = (deps: ApiDeps, closing: AbortSignal): RouteContext => {
  const keyring = createKeyring({ apiKeys: deps.apiKeys, clock: deps.clock, pepper: deps.keys.pepper })
  const limiter = createRateLimiter(deps.clock)
  return {
    deps,
    closing,
    keyring,
    limiter,
    strangers: createFailedKeys({ clock: deps.clock, perMinute: deps.settings.failedKeysPerMinute }),
    requireKey: createAuth({
      keyring,
      limiter,
      failedKeys: createFailedKeys({ clock: deps.clock, perMinute: deps.settings.failedKeysPerMinute }),
      rateLimitPerMinute: deps.settings.rateLimitPerMinute,
    }),
    hub: createEventHub(deps),
    room: createStreamRoom({
      clock: deps.clock,
      maxPerKey: deps.settings.sseMaxPerKey,
      max: deps.settings.sseMax,
      listEndedKeys: (keyIds) => listEndedKeys(keyring, deps.log, keyIds),
    }),
  }
}

/** While nobody can say, streams stay open: they are looked at again with the next heartbeat. */
const listEndedKeys = async (
  keyring: Keyring,
  log: ApiDeps['log'],
  keyIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  try {
    return await keyring.listEnded(keyIds)
  } catch (error) {
    log.warn({ err: error }, 'the keys of open event streams cannot be read')
    return new Set()
  }
}
