import { z } from 'zod'
import { signatureEncodings, usualReplayWindowS, verifierTypes } from '../../intakes/verifier.ts'
import type { FailureRecord, KeptFailure } from '../../store/intake-failures.ts'
import type { IntakeRecord, StoredVerifier } from '../../store/intakes.ts'

export const IntakeOut = z
  .object({
    id: z.string(),
    name: z.string(),
    verifier: z
      .object({
        type: z.enum(verifierTypes),
        header: z.string().nullable(),
        encoding: z.enum(signatureEncodings).nullable(),
        prefix: z.string().nullable(),
        id_header: z.string().nullable(),
        replay_window_s: z.int().nullable(),
      })
      .describe(
        'How events are verified; what the type does not use is null. The secret is never shown again.',
      ),
    mapping: z.string(),
    defaults: z.record(z.string(), z.unknown()),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    links: z.object({
      self: z.string(),
      receive: z.string().describe('Where the sender sends its events: no API key is needed.'),
      test: z.string(),
      failures: z.string(),
    }),
  })
  .meta({ id: 'Intake' })

export type IntakeOut = z.output<typeof IntakeOut>

export const IntakeWithSecretOut = IntakeOut.extend({
  secret: z
    .string()
    .nullable()
    .describe('What the sender is to sign with, where Clipline has made it: shown here and never again.'),
}).meta({ id: 'IntakeWithSecret' })

export const toIntakeOut = (intake: IntakeRecord, publicUrl: string): IntakeOut => {
  const self = `${publicUrl}/v1/intakes/${intake.id}`
  return {
    id: intake.id,
    name: intake.name,
    verifier: toVerifierOut(intake.verifier),
    mapping: intake.mapping,
    defaults: intake.defaults,
    created_at: intake.createdAt.toISOString(),
    updated_at: intake.updatedAt.toISOString(),
    links: {
      self,
      receive: `${publicUrl}/in/${intake.id}`,
      test: `${self}/test`,
      failures: `${self}/failures`,
    },
  }
}

const toVerifierOut = ({ replay_window_s, ...verifier }: StoredVerifier): IntakeOut['verifier'] => {
  const hasWindow = verifier.type === 'github' || verifier.type === 'hmac-sha256'
  return {
    ...(verifier as IntakeOut['verifier']),
    replay_window_s: replay_window_s ?? (hasWindow ? usualReplayWindowS : null),
  }
}

export const FaultOut = z.object({ pointer: z.string(), code: z.string(), detail: z.string() })

export const IntakeFailureOut = z
  .object({
    id: z.string(),
    intake_id: z.string(),
    event_id: z.string(),
    state: z.enum(['open', 'resolved']).describe('`resolved`: it has become a job after all.'),
    problem: z.object({
      code: z.enum(['mapping_failed', 'job_refused']),
      detail: z.string(),
      errors: z.array(FaultOut).describe('For `job_refused`, pointers into what the mapping made.'),
    }),
    content_type: z.string(),
    tries: z.int().describe('How often it was tried.'),
    job_id: z.string().nullable(),
    created_at: z.iso.datetime(),
    tried_at: z.iso.datetime(),
    expires_at: z.iso.datetime().describe('Until when it is kept.'),
    links: z.object({ self: z.string(), retry: z.string(), job: z.string().nullable() }),
  })
  .meta({ id: 'IntakeFailure' })

export type IntakeFailureOut = z.output<typeof IntakeFailureOut>

export const KeptFailureOut = IntakeFailureOut.extend({
  payload: z.string().nullable().describe('The body as it came; null once it has become a job.'),
}).meta({ id: 'KeptIntakeFailure' })

export const toFailureOut = (failure: FailureRecord, publicUrl: string): IntakeFailureOut => {
  const self = `${publicUrl}/v1/intakes/${failure.intakeId}/failures/${failure.id}`
  return {
    id: failure.id,
    intake_id: failure.intakeId,
    event_id: failure.eventId,
    state: failure.jobId === null ? 'open' : 'resolved',
    problem: {
      code: failure.problem.code as IntakeFailureOut['problem']['code'],
      detail: failure.problem.detail,
      errors: [...failure.problem.errors],
    },
    content_type: failure.contentType,
    tries: failure.tries,
    job_id: failure.jobId,
    created_at: failure.createdAt.toISOString(),
    tried_at: failure.triedAt.toISOString(),
    expires_at: failure.expiresAt.toISOString(),
    links: {
      self,
      retry: `${self}/retry`,
      job: failure.jobId === null ? null : `${publicUrl}/v1/jobs/${failure.jobId}`,
    },
  }
}

export const toKeptFailureOut = (failure: KeptFailure, publicUrl: string) => ({
  ...toFailureOut(failure, publicUrl),
  payload: failure.payload?.toString('utf8') ?? null,
})

export const TakenEventOut = z
  .object({
    outcome: z
      .enum(['accepted', 'duplicate', 'ignored'])
      .describe('`duplicate`: the event had become this job before. `ignored`: it is to make none.'),
    event_id: z.string(),
    job_id: z.string().nullable(),
    links: z.object({ job: z.string().nullable() }),
  })
  .meta({ id: 'TakenEvent' })

export const toTakenEventOut = (
  taken:
    | { readonly outcome: 'accepted' | 'duplicate'; readonly jobId: string }
    | { readonly outcome: 'ignored' },
  eventId: string,
  publicUrl: string,
): z.output<typeof TakenEventOut> => {
  const jobId = taken.outcome === 'ignored' ? null : taken.jobId
  return {
    outcome: taken.outcome,
    event_id: eventId,
    job_id: jobId,
    links: { job: jobId === null ? null : `${publicUrl}/v1/jobs/${jobId}` },
  }
}
