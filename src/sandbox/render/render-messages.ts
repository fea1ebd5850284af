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

/** What the pool tells a render process. */
export type RenderOrder =
  | { readonly kind: 'render'; readonly id: number; readonly request: PooledRender }
  | { readonly kind: 'cancel'; readonly id: number }

/** What a render process answers; `id` is that of the order. */
export type RenderReply =
  | { readonly kind: 'progress'; readonly id: number; readonly fraction: number }
  | { readonly kind: 'done'; readonly id: number; readonly file: RenderedFile }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
