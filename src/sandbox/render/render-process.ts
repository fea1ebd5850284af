import { constants, setPriority } from 'node:os'
import { renderDraft } from './render-draft.ts'
import type { RenderOrder, RenderReply } from './render-messages.ts'

/**
 * The body of a render process: carries out one order after another and ends with its parent. It runs below normal
 * priority, so that the server beside it keeps answering on a machine with few cores.
 */
const running = new Map<number, AbortController>()

function reply(message: RenderReply): void {
  process.send?.(message)
}

async function render(
  id: number,
  request: Extract<RenderOrder, { kind: 'render' }>['request'],
): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  let told = 0
  try {
    const file = await renderDraft({
      ...request,
      mediaFile: (src) => request.media[src],
      signal: controller.signal,
      onProgress: (fraction) => {
        if (fraction < told + 0.02) return
        told = fraction
        reply({ kind: 'progress', id, fraction })
      },
    })
    reply({ kind: 'done', id, file })
  } catch (error) {
    reply({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  } finally {
    running.delete(id)
  }
}

setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL)
process.on('message', (order: RenderOrder) => {
  if (order.kind === 'cancel') running.get(order.id)?.abort()
  else void render(order.id, order.request)
})
process.on('disconnect', () => process.exit(0))
