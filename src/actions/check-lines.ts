/** Judges the lines of a batch by the rules of `POST /v1/jobs`, without asking for the same thing twice. */
import type { UploadRecord } from '../store/uploads.ts'
import { type CheckedJob, type CheckJobDeps, checkJobOfLine } from './check-job.ts'
import type { UrlVerdict } from './check-source-url.ts'
import type { Fault } from './fault.ts'
import type { IncomingLine } from './incoming-line.ts'
import { isJsonObject, mergeDefaults } from './merge-defaults.ts'

export type AcceptableLine = Extract<CheckedJob, { outcome: 'acceptable' }> & {
  readonly line: number
  readonly customId: string | null
}

export interface BadLine {
  readonly outcome: 'refused'
  readonly line: number
  readonly digest: string
  readonly customId: string | null
  readonly isMalformed: boolean
  readonly faults: readonly Fault[]
}

export type CheckedLine = AcceptableLine | BadLine

export interface LineCheckInput {
  readonly tenantId: string
  /** Merged under every line. */
  readonly defaults: Readonly<Record<string, unknown>>
}

/** Of a line that is wrong all over, so many faults are kept. */
const mostFaults = 20
const longestCustomId = 255
/** More than a job may have are refused anyway. */
const mostInputs = 20

/** Remembers the verdicts over URLs for as long as it lives: for one stream. */
export const createLineCheck = (
  deps: CheckJobDeps,
  { tenantId, defaults }: LineCheckInput,
): ((lines: readonly IncomingLine[]) => Promise<CheckedLine[]>) => {
  const checkCallbackUrl = rememberVerdicts(deps.checkCallbackUrl)
  const checkSourceUrl = rememberVerdicts(deps.checkSourceUrl)
  return async (lines) => {
    const bodies = lines.map((line) => toBody(line, defaults))
    const uploads = await findUploads(deps, tenantId, bodies)
    const sessions = rememberSessions(deps.sessions)
    const lineDeps = { ...deps, checkCallbackUrl, checkSourceUrl, uploads, sessions }
    return Promise.all(lines.map((line, index) => checkLine(lineDeps, tenantId, line, bodies[index])))
  }
}

/** The body of the job that a line asks for; undefined when it asks for none. */
const toBody = (
  line: IncomingLine,
  defaults: LineCheckInput['defaults'],
): Readonly<Record<string, unknown>> | undefined => {
  if (line.outcome !== 'read' || !isJsonObject(line.body)) return undefined
  const { custom_id: _, ...body } = line.body
  return mergeDefaults(defaults, body)
}

const checkLine = async (
  deps: CheckJobDeps,
  tenantId: string,
  line: IncomingLine,
  body: Readonly<Record<string, unknown>> | undefined,
): Promise<CheckedLine> => {
  if (line.outcome === 'unreadable') return toBad(line, null, { isMalformed: true, faults: line.faults })
  if (body === undefined) return toBad(line, null, { isMalformed: true, faults: [notAnObject] })
  const customId = readCustomId(line.body)
  const own = [...(customId.ok ? [] : [badCustomId]), ...notForLines(body)]
  const checked = await checkJobOfLine(deps, tenantId, body)
  const id = customId.ok ? customId.customId : null
  if (checked.outcome === 'acceptable' && own.length === 0)
    return { ...checked, line: line.line, customId: id }
  const others = checked.outcome === 'refused' ? checked : { isMalformed: false, faults: [] }
  return toBad(line, id, {
    isMalformed: others.isMalformed || !customId.ok,
    faults: [...own, ...others.faults],
  })
}

const toBad = (
  { line, digest }: IncomingLine,
  customId: string | null,
  { isMalformed, faults }: Pick<BadLine, 'isMalformed' | 'faults'>,
): BadLine => ({
  outcome: 'refused',
  line,
  digest: digest(),
  customId,
  isMalformed,
  faults: faults.slice(0, mostFaults),
})

const notAnObject: Fault = { pointer: '', code: 'wrong_type', detail: 'must be an object: the body of a job' }

const badCustomId: Fault = {
  pointer: '/custom_id',
  code: 'not_accepted',
  detail: `must be text of 1 to ${longestCustomId} characters without control characters`,
}

const readCustomId = (body: unknown): { ok: true; customId: string | null } | { ok: false } => {
  const customId = (body as { custom_id?: unknown }).custom_id ?? null
  if (customId === null) return { ok: true, customId }
  const isGood =
    typeof customId === 'string' &&
    customId !== '' &&
    customId.length <= longestCustomId &&
    !/\p{Cc}/u.test(customId)
  return isGood ? { ok: true, customId } : { ok: false }
}

/** A dry run is of a job by itself: `POST /v1/jobs` makes one. */
export const notForLines = ({ dry_run }: Readonly<Record<string, unknown>>): Fault[] =>
  dry_run === true
    ? [
        {
          pointer: '/dry_run',
          code: 'not_supported',
          detail: 'is not for lines of a batch; try one with POST /v1/jobs',
        },
      ]
    : []

/** All uploads that the bodies name, read at once. */
const findUploads = async (
  { uploads }: CheckJobDeps,
  tenantId: string,
  bodies: readonly unknown[],
): Promise<CheckJobDeps['uploads']> => {
  const ids = [...new Set(bodies.flatMap(uploadIdsOf))]
  const found: readonly UploadRecord[] = ids.length === 0 ? [] : await uploads.findAll(tenantId, ids)
  const byId = new Map(found.map((upload) => [upload.id, upload]))
  return {
    findAll: async (_, wanted) =>
      wanted.map((id) => byId.get(id)).filter((upload): upload is UploadRecord => upload !== undefined),
  }
}

const uploadIdsOf = (body: unknown): string[] => {
  const inputs = isJsonObject(body) ? body['inputs'] : undefined
  if (!Array.isArray(inputs)) return []
  return inputs
    .slice(0, mostInputs)
    .map((input: unknown) => (isJsonObject(input) ? input['upload_id'] : undefined))
    .filter((id): id is string => typeof id === 'string' && id.length <= longestCustomId)
}

const rememberSessions = ({ find }: CheckJobDeps['sessions']): CheckJobDeps['sessions'] => {
  const found = new Map<string, ReturnType<typeof find>>()
  return {
    find(tenantId, sessionId) {
      const session = found.get(sessionId) ?? find(tenantId, sessionId)
      found.set(sessionId, session)
      return session
    },
  }
}

type CheckUrl = (url: string) => Promise<UrlVerdict>

const mostVerdicts = 10_000

const rememberVerdicts = (check: CheckUrl): CheckUrl => {
  const verdicts = new Map<string, Promise<UrlVerdict>>()
  return (url) => {
    const key = verdictKeyOf(url)
    const known = verdicts.get(key)
    if (known !== undefined) return known
    if (verdicts.size >= mostVerdicts) verdicts.clear()
    const verdict = check(url)
    verdicts.set(key, verdict)
    return verdict
  }
}

/** Scheme, host and port of a URL whose rest holds nothing that a check could take offense at. */
const plainUrl = /^(https?:\/\/[a-z0-9.-]{1,253}(?::\d{1,5})?)\/[\w\-.~%!$&'()*+,;=:@/?]{0,600}$/i

/** URLs of one host share a verdict: what is judged is where they lead. */
const verdictKeyOf = (url: string): string => plainUrl.exec(url)?.[1] ?? url
