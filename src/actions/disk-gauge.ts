import type { Clock } from '../clock.ts'
import type { StorageSpace } from '../media/storage.ts'

/** Tells when the disks that hold the data run full, so that nothing new is taken in before writes fail. */
export interface DiskGauge {
  isLow(): Promise<boolean>
}

/** Closed below this share of a disk (guarantees.md §2.1-10); on a large one, below what is plenty anyway. */
const freeShare = 0.1
const plentyBytes = 20 * 1024 ** 3
const holdMs = 2_000

const isLow = ({ freeBytes, totalBytes }: StorageSpace): boolean =>
  freeBytes < Math.min(totalBytes * freeShare, plentyBytes)

/** `readSpaces` gives the disks that can be asked; it is asked every two seconds at most, however many want to know. */
export const createDiskGauge = ({
  readSpaces,
  clock,
}: {
  readonly readSpaces: () => Promise<readonly StorageSpace[]>
  readonly clock: Clock
}): DiskGauge => {
  let reading: Promise<boolean> | null = null
  let readAtMs = Number.NEGATIVE_INFINITY
  return {
    isLow() {
      if (reading !== null && clock.monotonicMs() - readAtMs < holdMs) return reading
      readAtMs = clock.monotonicMs()
      const asked = readSpaces().then((spaces) => spaces.some(isLow))
      // A failure is told to those who wait for it, and not kept.
      asked.catch(() => {
        if (reading === asked) reading = null
      })
      reading = asked
      return asked
    },
  }
}
