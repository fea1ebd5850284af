import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { VirtualClock } from '../virtual-clock.ts'
import { type ByteRange, lengthOfRange } from './byte-range.ts'

interface Transmission {
  readonly path: string
  readonly range: ByteRange
  /** Breaks the connection off behind the last byte: less comes than the headers promised. */
  readonly isBrokenOff: boolean
  readonly slowMs: number
  readonly clock: VirtualClock
}

const piecesWhenSlow = 20

/** Sends bytes of a file into a response whose headers are written. A client that leaves ends it quietly. */
export const transmit = async (response: ServerResponse, transmission: Transmission): Promise<void> => {
  const { path, range, isBrokenOff, slowMs, clock } = transmission
  const length = lengthOfRange(range)
  const content = createReadStream(path, {
    ...range,
    ...(slowMs > 0 && { highWaterMark: Math.ceil(length / piecesWhenSlow) }),
  })
  try {
    await pipeline(content, slowly(slowMs, clock), response, { end: !isBrokenOff })
    if (isBrokenOff) response.socket?.destroySoon()
  } catch (error) {
    if (!response.destroyed) throw error
  }
}

const slowly = (slowMs: number, clock: VirtualClock) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      if (slowMs > 0) await clock.pause(slowMs / piecesWhenSlow)
      yield chunk
    }
  }
