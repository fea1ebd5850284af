/** Makes a batch that takes lines from then on (api.md §4). */
import type { z } from 'zod'
import type { Sealer } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import type { BatchRecord, BatchStore, NewBatch } from '../store/batches.ts'
import { batchPlace, sealDefaults } from './batch-defaults.ts'
import { BatchIn } from './batch-in.ts'
import { findCallbackUrl } from './callback-in.ts'
import { checkDefaults } from './check-defaults.ts'
import type { CheckJobDeps } from './check-job.ts'
import { notForLines } from './check-lines.ts'
import { type CreateOnceDeps, type CreateOnceOutcome, createOnce, type Draft } from './create-once.ts'
import { type Fault, toFaults } from './fault.ts'
import { findStreamedBatch } from './find-streamed-batch.ts'
import type { KeyedRequest } from './idempotency.ts'
import type { Refusal } from './refusal.ts'

export interface CreateBatchDeps extends CheckJobDeps, CreateOnceDeps {
  readonly batches: Pick<BatchStore, 'insert' | 'findByStream'>
}

export interface CreateBatchInput {
  readonly tenantId: string
  readonly body: unknown
  readonly keyed: KeyedRequest | null
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  readonly toBody: (batch: BatchRecord) => object
}

export const createBatch = (
  deps: CreateBatchDeps,
  input: CreateBatchInput,
): Promise<CreateOnceOutcome | Refusal> => createOnce(deps, input, () => draft(deps, input))

/** The key stands for a batch that was made from its lines. */
type KeyReused = { readonly outcome: 'key_reused' }

const draft = async (
  deps: CreateBatchDeps,
  { tenantId, body, keyed, faults, toBody }: CreateBatchInput,
): Promise<Draft | Refusal | KeyReused> => {
  const parsed = BatchIn.safeParse(body)
  const malformed = [...faults, ...(parsed.success ? [] : toFaults(BatchIn, body, parsed.error.issues))]
  const refused = await checkParts(deps, tenantId, {
    defaults: parsed.success ? parsed.data.defaults : salvageDefaults(body),
    callbackUrl: findCallbackUrl(body),
  })
  const all = [...malformed, ...refused.faults]
  if (!parsed.success || all.length > 0)
    return { outcome: 'refused', isMalformed: refused.isMalformed || malformed.length > 0, faults: all }
  if (keyed !== null && (await findStreamedBatch(deps, tenantId, keyed.key)) !== null)
    return { outcome: 'key_reused' }
  const batch = toNewBatch(deps, tenantId, parsed.data)
  return {
    outcome: 'draft',
    resourceId: batch.id,
    status: 201,
    body: toBody(toOpenRecord(batch)),
    insert: (answer) => deps.batches.insert(batch, answer),
  }
}

/** Those of a body that is wrong as a whole, where they are right by themselves. */
const salvageDefaults = (body: unknown): BatchIn['defaults'] =>
  BatchIn.shape.defaults.safeParse((body as { readonly defaults?: unknown } | null)?.defaults).data ?? {}

/** Judges the defaults as a job that has a prompt; what is still missing may come with the lines. */
const checkParts = async (
  deps: CreateBatchDeps,
  tenantId: string,
  { defaults, callbackUrl }: { readonly defaults: BatchIn['defaults']; readonly callbackUrl: string | null },
): Promise<Omit<Refusal, 'outcome'>> => {
  const [checked, verdict] = await Promise.all([
    checkDefaults(deps, tenantId, defaults),
    callbackUrl === null ? null : deps.checkCallbackUrl(callbackUrl),
  ])
  const ofDefaults = [
    ...notForLines(defaults).map((fault) => ({ ...fault, pointer: `/defaults${fault.pointer}` })),
    ...checked.faults,
  ]
  const ofCallback: Fault[] =
    verdict === null || verdict.ok
      ? []
      : [{ pointer: '/callback/url', code: 'url_not_allowed', detail: verdict.detail }]
  return { isMalformed: checked.isMalformed, faults: [...ofDefaults, ...ofCallback] }
}

const toNewBatch = (
  { clock, sealer }: Pick<CreateBatchDeps, 'clock'> & { readonly sealer: Sealer },
  tenantId: string,
  { name, defaults, callback, max_credits, all_or_nothing, metadata }: z.output<typeof BatchIn>,
): NewBatch => {
  const owner = { id: newId('batch', clock.nowMs()), tenantId }
  return {
    ...owner,
    name: name ?? null,
    defaults: sealDefaults(sealer, defaults, owner),
    callback:
      callback === undefined
        ? null
        : {
            url: callback.url,
            events: callback.events,
            headers: callback.headers,
            secret_sealed:
              callback.secret === undefined ? null : sealer.seal(callback.secret, batchPlace(owner)),
          },
    maxCredits: max_credits ?? null,
    isAllOrNothing: all_or_nothing,
    metadata,
    streamKey: null,
    createdAt: new Date(clock.nowMs()),
  }
}

/** The batch as it stands right after it was made. */
export const toOpenRecord = (batch: NewBatch): BatchRecord => ({
  ...batch,
  state: 'open',
  accepted: 0,
  rejected: 0,
  released: 0,
  creditsEstimated: 0,
  ending: null,
  redrive: null,
  seq: 0,
  streamSha256: null,
  closedAt: null,
  finishedAt: null,
})
