/** A real browser at a real service: the console, on a test bed of its own. */
import { accessSync, constants } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { startTestBed, type TestBed, type TestBedOptions, testApiKey } from '../support/app.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Chromium as the system has it. Without one the tests are skipped, unless `REQUIRE_BROWSER` is set. */
export const findBrowser = (): string | null => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(canRun) ?? null
  if (found === null && process.env['REQUIRE_BROWSER'] === '1')
    throw new Error('There is no Chromium, and REQUIRE_BROWSER is set.')
  if (found === null) console.warn('There is no Chromium here: the tests of the console are skipped.')
  return found
}

export interface ConsoleKit {
  readonly bed: TestBed
  /** A new tab of a browser of its own: nothing is kept from the ones before. */
  openTab(options?: BrowserContextOptions): Promise<Tab>
  stop(): Promise<void>
}

export interface Tab {
  readonly page: Page
  /** What the browser complained of: scripts that threw, rules that were broken, files that were missing. */
  readonly complaints: string[]
  signIn(apiKey?: string): Promise<void>
  /** Shows a view, by its address after `#/`. */
  visit(place: string): Promise<void>
  /** Kept where SCREENSHOT_DIR says, if it does. */
  picture(name: string): Promise<void>
}

export const openConsole = async (executablePath: string, options: TestBedOptions): Promise<ConsoleKit> => {
  const bed = await startTestBed(options)
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath, args }).catch(async (error: unknown) => {
    await bed.stop()
    throw error
  })
  return {
    bed,
    openTab: (tabOptions) => openTab(browser, bed.url, tabOptions),
    async stop() {
      await browser.close()
      await bed.stop()
    },
  }
}

const openTab = async (browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // What the API refuses is told there, too, and is shown by the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('response', (response) => {
    if (response.url().includes('/console') && response.status() >= 400)
      complaints.push(`${response.status()} ${response.url()}`)
  })
  return {
    page,
    complaints,
    async signIn(apiKey = testApiKey) {
      await page.goto(`${url}/console`)
      await page.getByLabel('API key').fill(apiKey)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async visit(place) {
      await page.goto(`${url}/console#/${place}`)
    },
    async picture(name) {
      const folder = process.env['SCREENSHOT_DIR']
      if (folder === undefined) return
      await mkdir(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name}.png`) })
    },
  }
}
