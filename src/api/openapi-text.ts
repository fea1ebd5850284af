import type { ApiDeps } from './deps.ts'
import { buildServer } from './server.ts'

/** What the document says of where the service is; a deployment answers with its own. */
const publicUrl = 'http://127.0.0.1:8080'

/** The OpenAPI document as `openapi/openapi.json` holds it: from the routes, none of which is called for it. */
export const openApiText = async (version: string): Promise<string> => {
  const settings: ApiDeps['settings'] = {
    publicUrl,
    version,
    rateLimitPerMinute: 0,
    failedKeysPerMinute: 0,
    trustedProxies: [],
    queueBound: 1,
    sseMaxPerKey: 1,
    sseMax: 1,
    shutdownMs: 1,
  }
  const app = await buildServer({ settings, keys: {} } as ApiDeps)
  const document = app.swagger()
  await app.close()
  return `${JSON.stringify(document, null, 2)}\n`
}
