/** What a URL among the inputs gives, where Clipline fetches it itself. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import type { Egress } from '../egress/client.ts'
import type { Job } from '../job/job.ts'
import { storedSource } from '../media/byte-source.ts'
import { cleanFileName } from '../media/file-name.ts'
import { checkInputs, type Skill } from '../skills/index.ts'
import type { OpenedInput } from '../stages/stage.ts'
import type { UploadRecord } from '../store/uploads.ts'
import { fileNameOf } from '../url-name.ts'
import {
  bytesOnce,
  convertHeic,
  isHeic,
  type KeptFile,
  type KeptInputDeps,
  readPrompt,
  refused,
  toFile,
} from './kept-input.ts'
import { getSkill } from './stage-context.ts'
import { takeFromUrl, type UrlFault } from './take-from-url.ts'

export interface FetchedInputDeps extends KeptInputDeps {
  readonly egress: Egress
}

const timeoutMs = 10 * 60_000
const idleTimeoutMs = 60_000

/** Where the copy of what a URL gave is kept for a job. */
const copyKeyOf = (job: Job, url: string): string =>
  `inputs/${job.id}/${createHash('sha256').update(url).digest('hex').slice(0, 32)}`

/** Where it stays when it is a text: until the message is written from it. */
const textKeyOf = (job: Job, url: string): string => `${copyKeyOf(job, url)}.txt`

/** Fetches through the guarded client, keeps a copy for the hand-over and checks it against the job's skill. */
export const fetchUrl = (
  deps: FetchedInputDeps,
  job: Job,
  url: string,
  signal: AbortSignal,
): Promise<OpenedInput> => {
  const skill = getSkill(job)
  return takeFromUrl(
    deps.egress,
    { url, timeoutMs, idleTimeoutMs, maxResponseBytes: skill.maxSizeBytes, signal },
    ({ body }) => keepCopy(deps, job, url, { body, signal }),
    (fault) => {
      // What was interrupted says nothing about the URL.
      signal.throwIfAborted()
      return refuse(fault, skill)
    },
  )
}

const refuse = (fault: UrlFault, skill: Skill): OpenedInput => {
  switch (fault.reason) {
    case 'not_allowed':
      return refused('invalid_input', 'the URL may not be fetched')
    case 'too_large':
      return refused(
        'media_too_large',
        `it is more than the ${fault.limitBytes} bytes that ${skill.name} accepts`,
      )
    case 'unreachable':
      return refused('input_unreachable', unreachableWords(fault.statusCode))
  }
}

const unreachableWords = (statusCode: number | null): string =>
  statusCode === null ? 'the URL did not answer with a file' : `the URL answered with status ${statusCode}`

const keepCopy = async (
  deps: FetchedInputDeps,
  job: Job,
  url: string,
  { body, signal }: { readonly body: Readable; readonly signal: AbortSignal },
): Promise<OpenedInput> => {
  const storageKey = copyKeyOf(job, url)
  const options = { contentType: 'application/octet-stream', signal }
  const copy = { storageKey, ...(await deps.storage.put(storageKey, body, options)) }
  const opened = await openCopy(deps, job, url, copy)
  // A converted picture is a file of its own; a text is kept apart, and what is refused not at all.
  const isNeeded = opened.outcome === 'file' && opened.sha256 === copy.sha256
  if (!isNeeded) await deps.storage.delete(storageKey)
  return opened
}

const openCopy = async (
  deps: FetchedInputDeps,
  job: Job,
  url: string,
  { storageKey, sizeBytes, sha256 }: Pick<UploadRecord, 'storageKey' | 'sizeBytes' | 'sha256'>,
): Promise<OpenedInput> => {
  const { storage, inspector } = deps
  const source = await storedSource(storage, storageKey)
  const facts = source === null ? null : await inspector.probeUpload(source)
  if (facts === null || !facts.ok)
    return refused('unsupported_media_type', facts?.detail ?? 'the file vanished')
  const { contentType, kind } = facts
  const problem = checkInputs(getSkill(job), [{ contentType, kind, sizeBytes }]).find(
    ({ code }) => code !== 'missing_input',
  )
  if (problem)
    return refused(
      problem.code === 'media_too_large' ? 'media_too_large' : 'unsupported_media_type',
      problem.detail,
    )
  const kept = {
    filename: cleanFileName(fileNameOf(url) ?? '', contentType),
    contentType,
    sizeBytes,
    storageKey,
  }
  if (kind === 'text') return keepText(deps, kept, textKeyOf(job, url))
  if (isHeic(contentType)) return convertHeic(deps, job, kept, `${storageKey}.jpg`)
  const discard = async () => void (await storage.delete(storageKey))
  return { outcome: 'file', file: toFile(storage, kept), sha256, discard }
}

const keepText = async (deps: FetchedInputDeps, kept: KeptFile, storageKey: string): Promise<OpenedInput> => {
  const opened = await readPrompt(deps, kept)
  if (opened.outcome === 'text')
    await deps.storage.put(storageKey, bytesOnce(Buffer.from(opened.text)), { contentType: 'text/plain' })
  return opened
}

/** The words of a text that was fetched; null for any other file. */
export const readFetchedText = async (
  { storage }: FetchedInputDeps,
  job: Job,
  url: string,
): Promise<string | null> => {
  const opened = await storage.open(textKeyOf(job, url))
  return opened === null ? null : readAll(opened.stream)
}
