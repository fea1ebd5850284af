/** Lets one render of each session be at work; the others wait in their order. */
export interface RenderQueue {
  add(sessionId: string, renderId: string): void
  /** Marks a session as busy with a render that is at work already. */
  occupy(sessionId: string): void
  /** The render at work has ended, or did not begin: the next one may. */
  release(sessionId: string): void
}

export const createRenderQueue = (begin: (renderId: string, sessionId: string) => void): RenderQueue => {
  const busy = new Set<string>()
  const waiting = new Map<string, string[]>()

  const beginNext = (sessionId: string): void => {
    if (busy.has(sessionId)) return
    const renderId = waiting.get(sessionId)?.shift()
    if (renderId === undefined) {
      waiting.delete(sessionId)
      return
    }
    busy.add(sessionId)
    begin(renderId, sessionId)
  }

  return {
    add: (sessionId, renderId) => {
      waiting.set(sessionId, [...(waiting.get(sessionId) ?? []), renderId])
      beginNext(sessionId)
    },
    occupy: (sessionId) => {
      busy.add(sessionId)
    },
    release: (sessionId) => {
      busy.delete(sessionId)
      beginNext(sessionId)
    },
  }
}
