/** What a dry run finds out about the inputs that are URLs, by a look at the beginning of each (api.md §1). */
import type { Readable } from 'node:stream'
import type { Egress } from '../egress/client.ts'
import type { Warning } from '../job/outcome.ts'
import { headBytes, sniff } from '../media/sniff.ts'
import { checkInputs, findSkill, type Skill } from '../skills/index.ts'
import type { JobPreview } from './preview-job.ts'

export interface ProbeInputsDeps {
  readonly egress: Pick<Egress, 'download'>
}

const timeoutMs = 5_000
const maxRedirects = 3

/** The preview, with a warning for every input that cannot be fetched, or that its skill does not take. */
export const probeInputs = async (
  deps: ProbeInputsDeps,
  preview: JobPreview,
  signal: AbortSignal,
): Promise<JobPreview> => {
  const skill = findSkill(preview.normalized.skill)
  if (skill === null) throw new Error('a job that was checked names no skill')
  const probed = await Promise.all(
    preview.normalized.inputs.map((input, index) =>
      'url' in input ? probe(deps, skill, { url: input.url, index }, signal) : [],
    ),
  )
  return { ...preview, warnings: [...preview.warnings, ...probed.flat()] }
}

interface UrlInput {
  readonly url: string
  readonly index: number
}

const probe = async (
  { egress }: ProbeInputsDeps,
  skill: Skill,
  { url, index }: UrlInput,
  signal: AbortSignal,
): Promise<Warning[]> => {
  const limits = { timeoutMs, idleTimeoutMs: timeoutMs, maxResponseBytes: Number.MAX_SAFE_INTEGER }
  const response = await egress.download({ url, ...limits, maxRedirects, signal })
  if (response.outcome !== 'response') return [unreachable(index, 'it could not be fetched')]
  const { statusCode, headers, body } = response
  if (statusCode !== 200) {
    body.destroy()
    return [unreachable(index, `it answered ${statusCode}`)]
  }
  const head = await readHead(body)
  return head === null
    ? [unreachable(index, 'its answer broke off')]
    : judge(skill, index, head, lengthOf(headers['content-length']))
}

const unreachable = (index: number, detail: string): Warning => ({
  code: 'input_unreachable',
  message: `inputs/${index}: ${detail}`,
})

const judge = (skill: Skill, index: number, head: Buffer, sizeBytes: number | null): Warning[] => {
  const sniffed = sniff(head)
  const facts = sniffed.ok ? sniffed : { kind: null, contentType: null }
  const problems = checkInputs({ ...skill, requiredInputs: [] }, [{ ...facts, sizeBytes }])
  const findings = sniffed.ok
    ? problems
    : [{ code: 'unsupported_media_type', detail: sniffed.detail }, ...problems]
  return findings.map(({ code, detail }) => ({ code, message: `inputs/${index}: ${detail}` }))
}

const lengthOf = (header: string | string[] | undefined): number | null =>
  typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null

/** As much of the body as tells its type; null when it broke off before. */
const readHead = async (body: Readable): Promise<Buffer | null> => {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer)
      sizeBytes += (chunk as Buffer).length
      if (sizeBytes >= headBytes) break
    }
  } catch (error) {
    if (error instanceof Error) return null
    throw error
  } finally {
    body.destroy()
  }
  return Buffer.concat(chunks).subarray(0, headBytes)
}
