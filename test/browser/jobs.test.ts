import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testApiKey } from '../support/app.ts'
import { type ConsoleKit, findBrowser, openConsole, type Tab } from './browser-kit.ts'

const executablePath = findBrowser()

describe.runIf(executablePath !== null)('the console', () => {
  let kit: ConsoleKit
  let tab: Tab

  beforeAll(async () => {
    kit = await openConsole(executablePath ?? '', { sandbox: { timeFactor: 1 / 100 } })
  })
  afterAll(() => kit?.stop())
  beforeEach(async () => {
    tab = await kit.openTab()
    await tab.signIn()
    await tab.page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await tab.picture('failure')
    await fetch(`${kit.bed.sandboxUrl}/sandbox/faults`, { method: 'DELETE' })
    expect(tab.complaints).toEqual([])
    await tab.page.context().close()
  })

  const waitForState = (state: string) =>
    tab.page.getByRole('heading', { level: 1 }).getByText(state, { exact: true }).waitFor()

  it('lets in who has a key, keeps it in the tab alone, and forgets it when its user signs out', async () => {
    const { page } = tab
    await page.reload()
    await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor()
    expect(page.url()).not.toContain(testApiKey)
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)

    await page.getByLabel('API key').fill('clk_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This key is not valid').waitFor()
  })

  it('makes a job by the form, after an estimate that costs nothing, and shows it live to its video', async () => {
    const { page } = tab
    await page.getByRole('link', { name: 'New job' }).click()
    await page.getByLabel('Prompt').fill('a 5-second vertical clip of a fox in the snow')
    await page.getByLabel('Tags').fill('autumn, teaser')
    await page.getByRole('button', { name: 'Estimate' }).click()
    await page.getByText('Nothing was spent').waitFor()
    await tab.picture('new-job')
    await page.getByRole('button', { name: 'Make the video' }).click()

    await page.locator('.pipeline [aria-current=step]').getByText('generate').waitFor()
    await page.getByRole('log').getByText('Starting the generation now.').waitFor()
    await tab.picture('job-running')
    await waitForState('succeeded')
    await page.getByRole('log').getByText('succeeded').waitFor()
    expect(await page.locator('.pipeline .done').count()).toBeGreaterThanOrEqual(6)
    expect(await page.getByLabel('Progress of the job').getAttribute('title')).toBe('100 %')
    await expect
      .poll(() => page.evaluate('document.querySelector("video").readyState'), { timeout: 20_000 })
      .toBeGreaterThan(0)
    await tab.picture('job-succeeded')

    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: /Download/ }).click()
    expect((await downloading).suggestedFilename()).toMatch(/^job_.+\.mp4$/)
    await page.getByText('Attempts').click()
    await page.locator('.attempts').getByText('render', { exact: true }).first().waitFor()
    await page.getByText('Timeline of the draft').click()
    await page.locator('.track').first().waitFor()
  })

  it('shows a job in the list as it comes, and how it ends, without being asked again', async () => {
    const { page } = tab
    await page.getByTitle('Kept up to date').waitFor()
    await kit.bed.client.jobs.submit({ prompt: 'a clip that comes by itself', tags: ['itself'] })
    const row = page.getByRole('row', { name: /comes by itself/ })
    await row.getByText('running').waitFor()
    await row.getByText('succeeded').waitFor()
    await page.getByLabel('Tag', { exact: true }).fill('itself')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.waitForURL(/tag=itself/)
    await row.waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await tab.picture('jobs')
  })

  it('shows why a job failed and what helps, and runs it again', async () => {
    const { page } = tab
    await kit.bed.setFault({ set: { 'generation.fail': true } })
    const { id } = await kit.bed.client.jobs.submit({ prompt: 'a clip that fails at first' })
    await tab.visit(`jobs/${id}`)
    await waitForState('failed')
    await page.locator('.notice.bad').getByText('generation failed').waitFor()
    await tab.picture('job-failed')
    await fetch(`${kit.bed.sandboxUrl}/sandbox/faults`, { method: 'DELETE' })

    await page.getByRole('button', { name: 'Run again…' }).click()
    await page.getByLabel('From stage').selectOption('generate')
    await page.getByRole('button', { name: 'Run again', exact: true }).click()
    await page.getByRole('dialog').getByText('accept_cost').first().waitFor()
    await page.getByLabel(/I accept/).check()
    await page.getByRole('button', { name: 'Run again', exact: true }).click()
    await page.getByText(/It runs again from/).waitFor()
    await waitForState('succeeded')
    await page.getByRole('log').getByText('redriven').waitFor()
  })

  it('says what a job waits for, cancels it, and erases it for good, each after a question', async () => {
    const { page } = tab
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const { id } = await kit.bed.client.jobs.submit({ prompt: 'a clip that nobody wants', run_at: tomorrow })
    await tab.visit(`jobs/${id}`)
    await page.getByRole('heading', { name: 'Waits for schedule' }).waitFor()
    await tab.picture('job-waiting')
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel the job' }).click()
    await waitForState('canceled')
    await page.getByRole('button', { name: 'Erase…' }).click()
    await page.getByRole('button', { name: 'Erase for good' }).click()
    await page.getByText('The job is erased.').waitFor()
    expect((await kit.bed.fetch(`/v1/jobs/${id}`)).status).toBe(404)
  })

  it('shows what is hostile as the text that it is', async () => {
    const { page } = tab
    const hostile = `"'><img src=x onerror=pwned=1><script>pwned=1</script>`
    const accepted = await kit.bed.fetch('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: hostile, tags: [hostile], metadata: { [hostile]: hostile } }),
    })
    expect(accepted.status).toBe(202)
    const link = page.getByRole('link', { name: hostile }).first()
    await link.click()
    await page.getByRole('heading', { name: hostile }).waitFor()
    await waitForState('succeeded')
    // The provider repeats the prompt in its own words, and so in the timeline.
    await page.getByText('Timeline of the draft').click()
    await page.locator('.track').first().waitFor()
    await page.getByText('Attempts').click()
    await page.locator('.attempts').waitFor()
    await page.getByText('JSON', { exact: true }).click()

    await tab.visit('new')
    const file = {
      name: `${hostile.replaceAll('/', '')}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('a fox'),
    }
    await page.getByLabel('Files').setInputFiles(file)
    await page.locator('.files').getByText('✓').waitFor()
    await page.locator('.files').getByText(file.name).waitFor()
    await tab.visit(`jobs/${encodeURIComponent(`../${hostile}`)}`)
    await page.getByRole('alert').waitFor()
    await tab.visit(`jobs?tag=${encodeURIComponent(hostile)}`)
    await page.getByRole('row', { name: /onerror/ }).waitFor()
    expect(await page.evaluate('window.pwned')).toBeUndefined()
    expect(await page.locator('main script, main img[src=x]').count()).toBe(0)
  })
})
