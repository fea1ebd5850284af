import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiKit, openApiKit } from './kit.ts'

const policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob: data:",
  'media-src': "'self' blob:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
  'form-action': "'none'",
}

describe('GET /console', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const get = (url: string, headers: Record<string, string> = {}) => kit.app.inject({ url, headers })

  /** Every script that the page needs, from its first one on. */
  const listScripts = async (): Promise<Map<string, string>> => {
    const scripts = new Map<string, string>()
    const open = ['main.js']
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (scripts.has(name)) continue
      const answer = await get(`/console/${name}`)
      expect(answer.statusCode, name).toBe(200)
      expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
      scripts.set(name, answer.body)
      open.push(
        ...[...answer.body.matchAll(/from ["']\.\/([\w-]+\.js)["']/g)].map(([, found]) => found ?? ''),
      )
    }
    return scripts
  }

  test('answers with the page, without a key, under rules that let in nothing from elsewhere and nothing inline', async () => {
    const page = await get('/console')
    expect(page.statusCode).toBe(200)
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': Object.entries(policy)
        .map(([name, value]) => `${name} ${value}`)
        .join('; '),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(page.body).not.toMatch(/<style|<script>|\son\w+=|https?:/)
    expect(page.body).toContain('<script type="module" src="console/main.js"></script>')
  })

  test('serves every script, the style and the icon, as the browser runs them', async () => {
    const scripts = await listScripts()
    const sources = readdirSync(new URL('../../../src/console/', import.meta.url))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.replace('.ts', '.js'))
    // Files of types alone are not asked for.
    expect([...scripts.keys()].filter((name) => !sources.includes(name))).toEqual([])
    expect(scripts.size).toBeGreaterThan(20)
    for (const [name, text] of scripts)
      expect(text, name).not.toMatch(/\.ts['"]|innerHTML|insertAdjacentHTML|document\.write|\beval\(/)
    expect((await get('/console/console.css')).headers['content-type']).toBe('text/css; charset=utf-8')
    expect((await get('/console/icon.svg')).headers['content-type']).toBe('image/svg+xml')
  })

  test('tells with an ETag what a browser has already', async () => {
    for (const url of ['/console', '/console/main.js', '/console/console.css']) {
      const { etag } = (await get(url)).headers
      expect(etag).toMatch(/^"[\w-]{43}"$/)
      const again = await get(url, { 'if-none-match': String(etag) })
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag])
    }
  })

  test('sends who asks with a slash at the end to the page', async () => {
    const answer = await get('/console/')
    expect([answer.statusCode, answer.headers['location']]).toEqual([308, '../console'])
  })

  test.each([
    'main.ts',
    'tsconfig.json',
    'index.html',
    'nothing.js',
    '..%2Fmain.ts',
    '%2e%2e%2fconfig.ts',
    '..%5Cmain.ts',
    '%00',
    'constructor',
    '__proto__',
    'sub/main.js',
  ])('finds nothing but the files of the console: not %s', async (name) => {
    const answer = await get(`/console/${name}`)
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })

  test('takes no other method', async () => {
    const answer = await kit.app.inject({ method: 'POST', url: '/console' })
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'GET, HEAD'])
  })

  test('is no part of the OpenAPI document', async () => {
    const { paths } = (await get('/openapi.json')).json<{ paths: object }>()
    expect(Object.keys(paths).filter((path) => path.includes('console'))).toEqual([])
  })
})

test('GET /v1/events?after=now begins with what happens from now on', async () => {
  const kit = await openApiKit()
  try {
    const submit = (prompt: string) => kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt } })
    await submit('before')
    // What is not settled yet counts as what comes.
    await expect
      .poll(async () => (await kit.send({ url: '/v1/events' })).json().data.length, { timeout: 20_000 })
      .toBe(1)
    const { data, next_cursor } = (await kit.send({ url: '/v1/events?after=now' })).json()
    expect(data).toEqual([])
    const { id } = (await submit('after')).json()
    // A transaction anywhere on the server holds the feed back for as long as it runs.
    await expect
      .poll(
        async () => {
          const later = (await kit.send({ url: `/v1/events?after=${next_cursor}` })).json()
          return later.data.map((event: { job_id: string }) => event.job_id)
        },
        { timeout: 20_000 },
      )
      .toEqual([id])
  } finally {
    await kit.close()
  }
})
