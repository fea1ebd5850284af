/** Checks the inputs that a client names, before anything is stored or sent (api.md §1, §2). */
import { checkInputs, type InputFacts, type Skill } from '../skills/index.ts'
import type { UploadRecord, UploadStore } from '../store/uploads.ts'
import type { UrlVerdict } from './check-source-url.ts'
import { type Fault, pointerTo } from './fault.ts'
import type { JobIn } from './job-in.ts'

export interface CheckSourcesDeps {
  readonly uploads: Pick<UploadStore, 'findAll'>
  /** May an input come from there? */
  readonly checkSourceUrl: (url: string) => Promise<UrlVerdict>
}

export const toUrlFault = (pointer: string, verdict: UrlVerdict): Fault[] =>
  verdict.ok ? [] : [{ pointer, code: 'url_not_allowed', detail: verdict.detail }]

const unjudged: InputFacts = { kind: null, contentType: null, sizeBytes: null }

export interface Sources {
  /** Null in the place of one that cannot be judged. */
  readonly inputs: readonly (JobIn['inputs'][number] | null)[]
  readonly skill: Skill | null
  /** The conversation holds media of earlier messages, so what the skill requires may be there. */
  readonly hasMediaAlready: boolean
}

/** Every fault of the inputs: uploads that are not there, URLs that may not be fetched, and what the skill refuses. */
export const checkSources = async (
  deps: CheckSourcesDeps,
  tenantId: string,
  { inputs, skill, hasMediaAlready }: Sources,
): Promise<Fault[]> => {
  const uploadIds = inputs.flatMap((input) => uploadIdOf(input) ?? [])
  const found = uploadIds.length === 0 ? [] : await deps.uploads.findAll(tenantId, uploadIds)
  const uploads = new Map(found.map((upload) => [upload.id, upload]))
  const reachable = await Promise.all(
    inputs.map(async (input, index) => {
      if (input === null) return []
      if ('url' in input)
        return toUrlFault(pointerTo(['inputs', index, 'url']), await deps.checkSourceUrl(input.url))
      return uploads.has(input.upload_id) ? [] : [unknownUpload(index)]
    }),
  )
  const ruled = skill === null ? [] : checkByRules(skill, inputs, uploads)
  return [...reachable.flat(), ...ruled.filter(({ code }) => !(hasMediaAlready && code === 'missing_input'))]
}

const uploadIdOf = (input: Sources['inputs'][number]): string | null =>
  input !== null && 'upload_id' in input ? input.upload_id : null

const unknownUpload = (index: number): Fault => ({
  pointer: pointerTo(['inputs', index, 'upload_id']),
  code: 'unknown_upload',
  detail: 'is no upload of yours; it may have expired',
})

const checkByRules = (
  skill: Skill,
  inputs: Sources['inputs'],
  uploads: ReadonlyMap<string, UploadRecord>,
): Fault[] => {
  const facts = inputs.map((input): InputFacts => uploads.get(uploadIdOf(input) ?? '') ?? unjudged)
  return checkInputs(skill, facts).map(({ index, code, detail }) => ({
    pointer: pointerTo(index === null ? ['inputs'] : ['inputs', index]),
    code,
    detail,
  }))
}
