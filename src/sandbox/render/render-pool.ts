import type { Draft } from './draft.ts'
import type { RenderedFile, RenderMode, RenderOutput } from './render-draft.ts'

/** A render request that can cross a process boundary: `media` maps each media URL to its local file. */
export interface PooledRender {
  readonly draft: Draft
  readonly output: RenderOutput
  readonly media: Readonly<Record<string, string>>
  readonly outFile: string
  readonly mode: RenderMode
}

export interface RenderWatch {
  readonly onProgress?: (fraction: number) => void
  /** Aborting rejects the render with the signal's reason and leaves no file. */
  readonly signal?: AbortSignal
}

export interface RenderPool {
  /** Renders in a child process; waits while `concurrency` renders are under way. */
  render(request: PooledRender, watch?: RenderWatch): Promise<RenderedFile>
  /** Rejects what is under way and ends the child processes. */
  close(): Promise<void>
}

export function createRenderPool(options: { readonly concurrency: number }): RenderPool {
  throw new Error(`createRenderPool is not written yet: ${options.concurrency}`)
}
