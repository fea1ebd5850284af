import type { ContentType } from '../content-type.ts'

/** How much of a file is looked at. Every frame of MP3 and AAC fits in twice; a shorter head is the whole file. */
export const headBytes = 16 * 1024

/** Tells from the head of a file whether it is of the detector's family, and which member. Never throws. */
export type Detector = (head: Buffer) => ContentType | null

/**
 * Whether a structure that ought to go on at `offset` may do so: the head does not reach that far and the file goes
 * on behind it. False for a file that ends before.
 */
export const goesOnBeyond = (head: Buffer, offset: number): boolean =>
  offset >= head.length && head.length >= headBytes
