import type { ByteSource } from './byte-source.ts'
import { convertHeic } from './heic.ts'
import { probeUpload, probeVideo } from './probe.ts'

/** What runs in a thread of its own because it parses files that strangers made. */
export const mediaTasks = { probeVideo, probeUpload, convertHeic } satisfies Record<
  string,
  (source: ByteSource) => Promise<unknown>
>

export type MediaTaskName = keyof typeof mediaTasks
export type MediaTaskResult<Name extends MediaTaskName> = Awaited<ReturnType<(typeof mediaTasks)[Name]>>

/** From the service to the thread. A read that failed has no bytes: the thread gives up, the service knows why. */
export type ToThread =
  | {
      readonly type: 'run'
      readonly task: MediaTaskName
      readonly sizeBytes: number
      /** What need not be asked for. */
      readonly head: Uint8Array | undefined
    }
  | { readonly type: 'bytes'; readonly readId: number; readonly bytes: Uint8Array | null }

/** From the thread to the service. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'read'; readonly readId: number; readonly start: number; readonly end: number }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failed'; readonly error: unknown }
