/** What a mapping is asked, and how that ends. */

export const longestMapping = 16_384
/** More than any job takes; a job of this size is refused by its own limits. */
export const mostResultCharacters = 1_048_576

export type MappingTask =
  | { readonly type: 'check'; readonly mapping: string }
  /** `payload` is JSON. */
  | { readonly type: 'map'; readonly mapping: string; readonly payload: string }

export type MappingResult =
  | { readonly outcome: 'sound' }
  /** `json` is null where the mapping found nothing. */
  | { readonly outcome: 'mapped'; readonly json: string | null }
  | { readonly outcome: 'failed'; readonly failure: MappingFailure }

export interface MappingFailure {
  /** What is wrong, for people; may quote the mapping and the payload. */
  readonly detail: string
  /** How many characters into the mapping; null where that is not known. */
  readonly position: number | null
}
