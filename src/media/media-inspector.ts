import type { Clock } from '../clock.ts'
import type { ByteSource } from './byte-source.ts'
import type { HeicConversion } from './heic.ts'
import type { MediaTaskName, MediaTaskResult } from './media-tasks.ts'
import { type MediaThread, openMediaThread } from './media-thread.ts'
import type { ProbeFailure, UploadProbe, VideoProbe } from './probe.ts'

/**
 * Looks into media files, each in a thread that is killed when a file makes it run wild. Any bytes give a result;
 * what is thrown comes from the source, or means that no thread can be had.
 */
export interface MediaInspector {
  probeVideo(source: ByteSource): Promise<VideoProbe>
  probeUpload(source: ByteSource): Promise<UploadProbe>
  convertHeic(source: ByteSource): Promise<HeicConversion>
  close(): Promise<void>
}

interface Settings {
  readonly clock: Clock
  /** A probe reads headers: milliseconds for any sound file. */
  readonly probeTimeoutMs?: number
  /** Decoding and encoding 50 megapixels takes some ten seconds. */
  readonly convertTimeoutMs?: number
}

const tooComplex = { ok: false, reason: 'too_complex' } as const
const details = {
  timeout: 'the file takes too long to read',
  crash: 'the file takes too much memory to read',
}

const resultOf = async <Name extends MediaTaskName>(
  thread: MediaThread,
  task: Name,
  source: ByteSource,
): Promise<MediaTaskResult<Name> | ProbeFailure<'too_complex'>> => {
  const ending = await thread.run(task, source)
  return ending.outcome === 'done' ? ending.result : { ...tooComplex, detail: details[ending.cause] }
}

/** Two threads, so that a conversion of seconds holds up no probe; each starts when it is first needed. */
export const openMediaInspector = ({
  clock,
  probeTimeoutMs = 15_000,
  convertTimeoutMs = 60_000,
}: Settings): MediaInspector => {
  const probes = openMediaThread({ clock, timeoutMs: probeTimeoutMs, memoryMb: 256 })
  const conversions = openMediaThread({ clock, timeoutMs: convertTimeoutMs, memoryMb: 256 })
  return {
    probeVideo: (source) => resultOf(probes, 'probeVideo', source),
    probeUpload: (source) => resultOf(probes, 'probeUpload', source),
    convertHeic: (source) => resultOf(conversions, 'convertHeic', source),
    close: async () => {
      await Promise.all([probes.close(), conversions.close()])
    },
  }
}
