import { ownOrigin } from '../media/media.ts'
import type { Render } from '../renders.ts'

type RenderShape = 'R1' | 'R2' | 'R3'

/** The three documented forms of a polled render (§2.9). */
export const toRenderBody = (
  render: Render,
  progress: number,
  shape: RenderShape,
  hasUrl: boolean,
): object => {
  switch (shape) {
    case 'R1':
      return toR1(render, progress, hasUrl)
    case 'R2':
      return { success: true, data: toR2(render, progress, hasUrl) }
    case 'R3':
      return toR2(render, progress, hasUrl)
  }
}

const toR1 = (render: Render, progress: number, hasUrl: boolean): object => ({
  taskId: render.id,
  status: render.status,
  progress,
  ...(render.movie !== null && {
    output: {
      ...(hasUrl && { url: renderUrl(render) }),
      duration: render.movie.durationMs / 1000,
      size: render.movie.sizeBytes,
    },
  }),
  ...(render.error !== null && { error: render.error }),
})

const toR2 = (render: Render, progress: number, hasUrl: boolean): object => ({
  id: render.id,
  status: render.status,
  progress,
  ...(render.movie !== null && hasUrl && { outputUrl: renderUrl(render) }),
  createdAt: render.submittedAtMs,
  ...(render.endedAtMs !== null && { completedAt: render.endedAtMs }),
  ...(render.error !== null && { error: render.error }),
})

const renderUrl = ({ id }: Render): string => `${ownOrigin}/render-result/${encodeURIComponent(id)}.mp4`
