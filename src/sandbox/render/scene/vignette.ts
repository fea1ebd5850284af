import type { Bitmap, View } from './view.ts'

/**
 * Darkens toward the corners, to `corner` (a CSS color). As large as the canvas: drawn without scaling it costs a tenth
 * of what a small one costs that is scaled up for every frame.
 */
export function createVignette(
  canvas: Pick<View, 'width' | 'height' | 'createBitmap'>,
  corner: string,
): Bitmap {
  const { width, height } = canvas
  const bitmap = canvas.createBitmap(width, height)
  const pen = bitmap.getContext('2d')
  const reach = Math.hypot(width, height) / 2
  const gradient = pen.createRadialGradient(width / 2, height / 2, reach * 0.45, width / 2, height / 2, reach)
  gradient.addColorStop(0, 'rgba(4,4,14,0)')
  gradient.addColorStop(1, corner)
  pen.fillStyle = gradient
  pen.fillRect(0, 0, width, height)
  return bitmap
}
