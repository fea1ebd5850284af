import { once } from 'node:events'
import { createServer } from 'node:http'

export interface HealthServer {
  close(): Promise<void>
}

export interface HealthServerOptions {
  readonly host: string
  readonly port: number
  /** Each resolves when its part works; a worker needs all of them. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
}

const checkTimeoutMs = 3_000

/**
 * A worker's own /livez and /readyz, for whatever restarts or replaces it, and /metrics. Without keys: the port is for the
 * operator's own network.
 */
export const startHealthServer = async ({
  host,
  port,
  checks,
  metrics,
}: HealthServerOptions): Promise<HealthServer> => {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/livez') return answer(200, { alive: true })
    if (request.url === '/metrics')
      return metrics.render().then((text) => {
        response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
      })
    if (request.url !== '/readyz') return answer(404, { ready: false })
    return runChecks(checks).then((results) => {
      const ready = Object.values(results).every(({ ok }) => ok)
      answer(ready ? 200 : 503, { ready, checks: results })
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const runChecks = async (
  checks: HealthServerOptions['checks'],
): Promise<Readonly<Record<string, { readonly ok: boolean }>>> => {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, { ok: await passes(check) }] as const),
  )
  return Object.fromEntries(entries)
}

const passes = (check: () => Promise<void>): Promise<boolean> =>
  Promise.race([
    check().then(
      () => true,
      () => false,
    ),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), checkTimeoutMs).unref()),
  ])
