import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startReceiver } from '../support/receiver.ts'
import { type ConsoleKit, findBrowser, openConsole, type Tab } from './browser-kit.ts'

const executablePath = findBrowser()
const patience = { timeout: 20_000 }

describe.runIf(executablePath !== null)('the console', () => {
  let kit: ConsoleKit
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  let tab: Tab

  beforeAll(async () => {
    receiver = await startReceiver()
    kit = await openConsole(executablePath ?? '', { sandbox: { timeFactor: 1 / 100 } })
  })
  afterAll(async () => {
    await kit?.stop()
    await receiver?.close()
  })
  beforeEach(async () => {
    tab = await kit.openTab()
    await tab.signIn()
    await tab.page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor()
  })
  afterEach(async () => {
    expect(tab.complaints).toEqual([])
    await tab.page.context().close()
  })

  const post = async <T>(path: string, body: unknown, contentType = 'application/json'): Promise<T> => {
    const answer = await kit.bed.fetch(path, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    expect(answer.ok, await answer.clone().text()).toBe(true)
    return (await answer.json()) as T
  }

  it('shows how a batch goes, what went wrong in it, and gives its results as a file', async () => {
    const { page } = tab
    const lines = ['{"prompt": "one", "custom_id": "a-1"}', '{"prompt": "two"}', '{"nope": "<b>1</b>"}']
    await post('/v1/batches?name=autumn', lines.join('\n'), 'application/x-ndjson')
    await page.getByRole('link', { name: 'Batches' }).click()
    await page.getByRole('link', { name: 'autumn' }).click()
    await page.getByRole('heading', { level: 1 }).getByText('completed with errors').waitFor()
    await page.getByRole('link', { name: '2 succeeded' }).waitFor()
    await page.getByText('What went wrong').click()
    await page.getByRole('table', { name: 'Errors' }).getByText('/prompt').waitFor()
    await tab.picture('batch')
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Results as CSV' }).click()
    expect((await downloading).suggestedFilename()).toMatch(/^bat_.+\.csv$/)
    await page.getByRole('link', { name: '2 succeeded' }).click()
    await page.getByRole('row', { name: /a-1/ }).waitFor()
    expect(await page.getByRole('row').count()).toBe(3)
  })

  it('cancels a batch, and runs what failed of another one again', async () => {
    const { page } = tab
    await kit.bed.setFault({ set: { 'generation.fail': true } })
    const { id } = await post<{ id: string }>('/v1/batches', '{"prompt": "one"}', 'application/x-ndjson')
    await tab.visit(`batches/${id}`)
    await page.getByRole('button', { name: 'Run failed ones again…' }).click()
    await fetch(`${kit.bed.sandboxUrl}/sandbox/faults`, { method: 'DELETE' })
    await page.getByLabel(/I accept/).check()
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByRole('link', { name: '1 succeeded' }).waitFor()

    const open = await post<{ id: string }>('/v1/batches', { name: 'unwanted' })
    await post(`/v1/batches/${open.id}/lines`, '{"prompt": "two"}', 'application/x-ndjson')
    await tab.visit(`batches/${open.id}`)
    await page.getByRole('heading', { level: 1 }).getByText('open').waitFor()
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel the batch' }).click()
    await page.getByRole('heading', { level: 1 }).getByText('canceled').waitFor()
  })

  it('shows what came of a callback, makes it again, and tests an endpoint', async () => {
    const { page } = tab
    await post('/v1/callback-endpoints', { url: receiver.url, events: ['job.succeeded'] })
    await post('/v1/jobs', { prompt: 'a clip that is told' })
    await page.getByRole('link', { name: 'Callbacks' }).click()
    await page.getByRole('row', { name: /job\.succeeded/ }).waitFor()
    await tab.picture('callbacks')
    await page
      .getByRole('row', { name: /job\.succeeded/ })
      .getByRole('link')
      .click()
    await page.getByRole('heading', { level: 1 }).getByText('delivered').waitFor()
    await page.getByRole('button', { name: 'Deliver again' }).click()
    await page.getByText('try 2').waitFor()
    await page.getByRole('link', { name: '← Callbacks' }).click()
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('callback_endpoint.test').waitFor()
    await page.getByRole('heading', { level: 1 }).getByText('delivered').waitFor()
  })

  it('speaks in a conversation, and shows what is answered', async () => {
    const { page } = tab
    await page.getByRole('link', { name: 'Conversations' }).click()
    await page.getByRole('button', { name: 'New conversation…' }).click()
    await page.getByRole('button', { name: 'Begin', exact: true }).click()
    await page.getByLabel('Message', { exact: true }).fill('a clip of a fox in the snow <i>now</i>')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('log').getByText('<i>now</i>').waitFor()
    await page.locator('.transcript .assistant').getByText('Done').waitFor()
    await page.getByLabel('Message', { exact: true }).fill('show tracks')
    await page.getByLabel('Message', { exact: true }).press('Control+Enter')
    await page.locator('.transcript .assistant').nth(1).waitFor()
    await tab.picture('conversation')
  })

  it('shows the events of an intake that made no job, and tries them again', async () => {
    const { page } = tab
    const intake = await post<{ id: string; links: { receive: string } }>('/v1/intakes', {
      name: 'orders',
      verifier: { type: 'none' },
      mapping: '{ "prompt": text }',
    })
    await fetch(`${kit.bed.url}/in/${intake.id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': 'evt-1' },
      body: JSON.stringify({ title: '<b>no text</b>' }),
    })
    await page.getByRole('link', { name: 'Intakes' }).click()
    await page.getByRole('link', { name: 'orders' }).click()
    await page.getByRole('button', { name: 'Show its body' }).click()
    await page.getByText('<b>no text</b>').waitFor()
    await tab.picture('intake')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()

    const patch = { mapping: '{ "prompt": title }' }
    await kit.bed.fetch(`/v1/intakes/${intake.id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(patch),
    })
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The event became a job.').waitFor()
    await page.getByText('resolved').waitFor()
  })

  it('shows what was used, by day, skill and tag', async () => {
    const { page } = tab
    const job = await kit.bed.client.jobs.submit({ prompt: 'a clip that counts', tags: ['counted'] })
    for await (const _event of kit.bed.client.jobs.events(job.id));
    await page.getByRole('link', { name: 'Usage' }).click()
    await page.getByRole('img', { name: /Jobs that ended by day/ }).waitFor()
    await tab.picture('usage')
    await page.getByRole('link', { name: 'By tag' }).click()
    await page.getByRole('row', { name: /counted/ }).waitFor()
  })

  it('shows tenants and keys to an admin alone, and makes a key that is shown once', async () => {
    const { page } = tab
    await page.getByRole('link', { name: 'Admin' }).click()
    await page.getByRole('button', { name: 'New tenant…' }).click()
    await page.getByLabel('Name').fill('Acme <b>Inc</b>')
    await page.getByRole('button', { name: 'Make it' }).click()
    await page.getByRole('button', { name: 'New key…' }).click()
    await page.getByLabel('Name').fill('ingest')
    await page.getByRole('button', { name: 'Make it' }).click()
    const apiKey = await page.getByLabel('Text to copy').inputValue()
    expect(apiKey).toMatch(/^clk_/)
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('row', { name: /ingest/ }).waitFor()
    await tab.picture('admin-keys')
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByText('tenant.created').waitFor()

    const other = await kit.openTab()
    await other.signIn(apiKey)
    await other.page.getByText('No jobs yet').waitFor()
    await other.picture('empty')
    expect(await other.page.getByRole('link', { name: 'Admin' }).count()).toBe(0)
    await other.visit('usage')
    await other.page.getByText('The API key lacks the scope usage:read.').first().waitFor()

    await page.getByRole('link', { name: 'Keys' }).click()
    await page
      .getByRole('row', { name: /ingest/ })
      .getByRole('button', { name: 'Revoke…' })
      .click()
    await page.getByRole('button', { name: 'Revoke the key' }).click()
    await page
      .getByRole('row', { name: /ingest/ })
      .getByText('revoked')
      .waitFor()
    await other.visit('batches')
    await other.page.getByText('The key is no longer valid').waitFor()
    expect(await other.page.evaluate('sessionStorage.length')).toBe(0)
    await other.page.context().close()
  })

  it('fits a narrow screen, follows the dark of its system, and names all that can be pressed', async () => {
    const long = `a clip of ${'averyveryverylongword'.repeat(8)} in the snow`
    const job = await kit.bed.client.jobs.submit({ prompt: long, tags: ['x'.repeat(60)] })
    const phone = await kit.openTab({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await phone.signIn()
    await phone.page.getByRole('row', { name: /verylongword/ }).waitFor()
    const places = [
      'jobs',
      `jobs/${job.id}`,
      'new',
      'batches',
      'sessions',
      'callbacks',
      'intakes',
      'usage',
      'admin/keys',
    ]
    for (const place of places) {
      await phone.visit(place)
      await phone.page.locator('h1').waitFor()
      await expect.poll(() => phone.page.locator('[aria-busy]').count(), patience).toBe(0)
      expect(await phone.page.evaluate('document.documentElement.scrollWidth'), place).toBe(360)
      expect(await phone.page.evaluate(listNameless), place).toEqual([])
      await phone.picture(`narrow-${place.split('/').at(-1)?.replace(/_.*/, '')}`)
    }
    expect(await phone.page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(14, 17, 22)',
    )
    expect(phone.complaints).toEqual([])
    await phone.page.context().close()
  })
})

/** What can be used and has no name that a screen reader could say. */
const listNameless = `[...document.querySelectorAll('button, a, input, select, textarea, progress, summary, video')]
  .filter((element) => !(element.textContent.trim() || element.getAttribute('aria-label') || element.labels?.length))
  .map((element) => element.outerHTML)`
