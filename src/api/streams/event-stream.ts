/**
 * Server-sent events to one client, on the raw response. What a client does not read is held up to a bound; beyond it
 * the client is dropped and comes back with `Last-Event-ID` (guarantees.md §4.6, §5.3).
 */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

const maxHeldBytes = 64 * 1024
/** What a client waits before it comes back. */
const reconnectMs = 2_000

export interface EventStream {
  /** Sends a frame; false when the client is gone, also because it read too slowly. */
  send(frame: string): boolean
  /** Resolves when there is room again; false when the client is gone. */
  whenDrained(): Promise<boolean>
  /** Tells the client when to come back, and ends. */
  end(): void
  /** Cuts off a client that reads too slowly: what it has not read yet would keep an end from coming. */
  drop(): void
  onClose(listener: () => void): void
  readonly isClosed: boolean
}

/** Takes the response over from fastify, headers that were set so far included. */
export const openEventStream = (reply: FastifyReply): EventStream => {
  const headers = reply.getHeaders()
  reply.hijack()
  const response = reply.raw
  response.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  })
  response.write(`retry: ${reconnectMs}\n\n`)
  // A reset connection closes the response; there is nothing else to do about it.
  response.on('error', () => response.destroy())
  return streamOver(response)
}

const streamOver = (response: ServerResponse): EventStream => ({
  get isClosed() {
    return response.closed || response.destroyed || response.writableEnded
  },

  send(frame) {
    if (!this.isClosed && response.writableLength > maxHeldBytes) response.destroy()
    if (this.isClosed) return false
    response.write(frame)
    return true
  },

  whenDrained() {
    if (this.isClosed) return Promise.resolve(false)
    if (!response.writableNeedDrain) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (isOpen: boolean) => () => {
        response.off('drain', onDrain)
        response.off('close', onClose)
        resolve(isOpen)
      }
      const onDrain = settle(true)
      const onClose = settle(false)
      response.on('drain', onDrain)
      response.on('close', onClose)
    })
  },

  end() {
    if (!this.isClosed) response.end(`retry: ${reconnectMs}\n\n`)
  },

  drop() {
    response.destroy()
  },

  onClose(listener) {
    if (response.closed || response.destroyed) listener()
    else response.once('close', listener)
  },
})
