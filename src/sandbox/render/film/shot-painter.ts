import type { Pen } from '../scene/view.ts'

/** Draws one shot of the film at a time of its source, in seconds. Must be asked for times in order. */
export interface ShotPainter {
  paint(pen: Pen, timeS: number): Promise<void> | void
  close(): void
}
