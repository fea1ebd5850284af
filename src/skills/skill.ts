import type { InputKind, InputTypeName } from './input-type.ts'

/**
 * A skill: what it takes, what it makes, and under which name it speaks to the provider. Data only; the sources are
 * the four published skill documents, side by side in upstream-protocol.md §7.
 */
export interface Skill {
  /** As clients write it in `job.skill`. */
  readonly name: string
  readonly title: string
  readonly summary: string
  /** Sent as `X-Skill-Source` and `X-Skill-Version`, without which an export is refused (§2.1). */
  readonly attribution: { readonly source: string; readonly version: string }
  /** What the skill advertises, as far as it can be sent at all. */
  readonly accepts: readonly InputTypeName[]
  readonly maxSizeBytes: number
  readonly requiredInputs: readonly { readonly kind: InputKind; readonly min: number }[]
  /** What comes out when the job wishes nothing else. */
  readonly defaults: { readonly format: string; readonly quality: string; readonly resolution: string }
  /** Credits until an account's own settlements are known (guarantees.md §2.1-9). */
  readonly creditEstimates: { readonly generation: number; readonly edit: number }
  /** As advertised; a generation by itself may take up to 300 s. */
  readonly typicalSeconds: { readonly min: number; readonly max: number }
}

/**
 * The skills write "MB" and say no more. It is read as 10^6 bytes: the smaller of the two readings, so that a file
 * accepted here is within the provider's limit whichever one the provider means.
 */
export const megabytes = (count: number): number => count * 1_000_000

/** All skills make 1080p H.264 in an MP4; aspect ratio is a matter of the prompt and has no default here. */
export const standardOutput = { format: 'mp4', quality: 'high', resolution: '1080p' } as const

/** About 100 credits a generated clip, about 50 an editing turn; exporting is free (upstream-protocol.md §1.1). */
export const standardCredits = { generation: 100, edit: 50 } as const
