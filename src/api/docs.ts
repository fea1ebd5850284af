/** The reference at `/docs` and a page for each problem. Everything comes from here: no font, script or call from elsewhere. */
import scalar from '@scalar/fastify-api-reference'
import type { FastifyPluginAsync } from 'fastify'
import { sendProblem } from './problem.ts'
import { type ProblemCode, problemCatalog, problemCodes } from './problem-catalog.ts'
import type { ProblemKind } from './problem-kind.ts'

/** The reference's page starts itself with an inline script, and compiles its validators as it goes. */
const referencePolicy =
  "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
const keepForDay = 'public, max-age=86400'

const hidden = { hide: true }

export const docsRoutes: FastifyPluginAsync = async (app) => {
  app.get('/openapi.json', { schema: hidden }, async (_request, reply) =>
    reply.type('application/json').send(app.swagger()),
  )

  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '../openapi.json',
      pageTitle: 'Clipline API',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
    hooks: {
      onRequest: (request, reply, done) => {
        reply.header('content-security-policy', referencePolicy)
        if (request.url.endsWith('.js')) reply.header('cache-control', keepForDay)
        done()
      },
    },
  })

  app.get('/docs/problems', { schema: hidden }, async (_request, reply) =>
    reply.headers(pageHeaders).send(toPage('Problems', `<ul>${problemCodes.map(toListEntry).join('')}</ul>`)),
  )

  app.get<{ Params: { code: string } }>(
    '/docs/problems/:code',
    { schema: hidden },
    async (request, reply) => {
      const { code } = request.params
      return isProblemCode(code)
        ? reply.headers(pageHeaders).send(toProblemPage(code))
        : sendProblem(reply, 'not_found')
    },
  )
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': pagePolicy,
  'cache-control': keepForDay,
}

const isProblemCode = (text: string): text is ProblemCode => Object.hasOwn(problemCatalog, text)

const toListEntry = (code: ProblemCode): string =>
  `<li><a href="problems/${code}"><code>${code}</code></a> ${problemCatalog[code].status}: ${problemCatalog[code].title}</li>`

const toProblemPage = (code: ProblemCode): string => {
  const { status, uploadStatus, title, isRetryable, advice }: ProblemKind = problemCatalog[code]
  return toPage(
    title,
    `<p><code>${code}</code></p>
<dl>
<dt>Status</dt><dd>${status}${uploadStatus === undefined ? '' : `, or ${uploadStatus} where files are uploaded`}</dd>
<dt>Retryable</dt><dd>${isRetryable ? 'Yes: the very same request may succeed later.' : 'No: the same request will be refused again.'}</dd>
<dt>What to do</dt><dd>${advice}</dd>
</dl>
<p><a href="../problems">All problems</a> · <a href="../">API reference</a></p>`,
  )
}

const toPage = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · Clipline</title>
<style>
:root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
dt { font-weight: 600; margin-top: 1rem }
dd { margin: 0 }
</style>
</head>
<body>
<h1>${title}</h1>
${content}
</body>
</html>
`
