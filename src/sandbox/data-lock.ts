import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fetch } from 'undici'
import { z } from 'zod'

const Running = z.object({ url: z.url(), instance: z.string() })
const probeTimeoutMs = 1000
/** A sandbox whose parent was killed may need a moment to notice. */
const patienceMs = 3000
const probeEveryMs = 100

/** Keeps two sandboxes from writing into one data folder. What a killed one leaves behind does not stand in the way. */
export interface DataLock {
  /** Told by `/healthz`, so that the next start can ask whether this one still lives. */
  readonly instance: string
  announce(url: string): Promise<void>
  release(): Promise<void>
}

/** Another sandbox works in the folder. */
export class DataInUse extends Error {
  override readonly name = 'DataInUse'
}

/** Throws `DataInUse` when a sandbox that works in this folder goes on answering at the address it left there. */
export const lockData = async (directory: string): Promise<DataLock> => {
  const path = join(directory, 'running.json')
  const other = await findStubborn(path)
  if (other !== null) throw new DataInUse(`a sandbox is at work in ${directory} already: ${other}`)
  const instance = randomUUID()
  return {
    instance,
    announce: (url) => writeFile(path, JSON.stringify({ url, instance })),
    release: () => rm(path, { force: true }),
  }
}

const findStubborn = async (path: string): Promise<string | null> => {
  const giveUpAtMs = performance.now() + patienceMs
  let running = await findRunning(path)
  while (running !== null && performance.now() < giveUpAtMs) {
    await setTimeout(probeEveryMs)
    running = await findRunning(path)
  }
  return running
}

const findRunning = async (path: string): Promise<string | null> => {
  const left = await readLeft(path)
  if (left === null) return null
  const health = await askHealth(left.url)
  return health === left.instance ? left.url : null
}

/** What the last sandbox wrote about itself; null when there is nothing, or only a part of it. */
const readLeft = async (path: string): Promise<z.infer<typeof Running> | null> => {
  try {
    return Running.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || isMissing(error)) return null
    throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Whatever goes wrong with the question, the answer is that nobody is there. */
const askHealth = async (url: string): Promise<string | null> => {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(probeTimeoutMs) })
    const health = z.object({ instance: z.string() }).safeParse(await answer.json())
    return health.success ? health.data.instance : null
  } catch {
    return null
  }
}
