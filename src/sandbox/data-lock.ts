import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetch } from 'undici'
import { z } from 'zod'

const Running = z.object({ url: z.url(), instance: z.string() })
const probeTimeoutMs = 1000

/** Keeps two sandboxes from writing into one data folder. What a killed one leaves behind does not stand in the way. */
export interface DataLock {
  /** Told by `/healthz`, so that the next start can ask whether this one still lives. */
  readonly instance: string
  announce(url: string): Promise<void>
  release(): Promise<void>
}

/** Throws when a sandbox that works in this folder answers at the address it left there. */
export const lockData = async (directory: string): Promise<DataLock> => {
  const path = join(directory, 'running.json')
  const other = await findRunning(path)
  if (other !== null) throw new Error(`a sandbox is at work in ${directory} already: ${other}`)
  const instance = randomUUID()
  return {
    instance,
    announce: (url) => writeFile(path, JSON.stringify({ url, instance })),
    release: () => rm(path, { force: true }),
  }
}

const findRunning = async (path: string): Promise<string | null> => {
  const left = Running.safeParse(parse(await readFile(path, 'utf8').catch(() => '')))
  if (!left.success) return null
  const health = await askHealth(left.data.url)
  return health === left.data.instance ? left.data.url : null
}

const parse = (text: string): unknown =>
  text.startsWith('{') && text.endsWith('}') ? JSON.parse(text) : null

const askHealth = async (url: string): Promise<string | null> => {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(probeTimeoutMs) })
    const health = z.object({ instance: z.string() }).safeParse(await answer.json())
    return health.success ? health.data.instance : null
  } catch {
    return null
  }
}
