import { hex, mix } from '../color.ts'
import { inLayer } from './camera.ts'
import { luminaryPlace, skyColor } from './sky.ts'
import type { Bitmap, Painter, View } from './view.ts'
import { shadeWater, type Water } from './water-shader.ts'
import { createWaves } from './waves.ts'

/**
 * Water in perspective, computed pixel by pixel at a fraction of the canvas: each pixel's wave slope picks what it
 * mirrors from `reflected` (the picture above the horizon), and where it mirrors the sun it glitters.
 */
export function createWater(view: View, reflected: Bitmap, kind: 'sea' | 'lake'): Painter {
  const { margin, horizonY } = view
  const short = Math.min(view.width, view.height)
  const scale = view.detail > 0.5 ? Math.min(0.42, 450 / short) : 1
  const width = view.width + margin * 2
  const height = view.height + margin - horizonY
  const columns = Math.round(width * scale)
  const rows = Math.round(height * scale)
  const bitmap = view.createBitmap(columns, rows)
  const pen = bitmap.getContext('2d')
  const image = pen.createImageData(columns, rows)
  const water = { ...waterOf(view, reflected, kind), columns, rows }
  return {
    paint(target, { timeS, camera }) {
      shadeWater(image.data, water, timeS)
      pen.putImageData(image, 0, 0)
      inLayer(target, view, { camera, depth: 0 }, () => {
        target.drawImage(bitmap, -margin, horizonY, width, height)
      })
    },
  }
}

function waterOf(view: View, reflected: Bitmap, kind: 'sea' | 'lake'): Omit<Water, 'columns' | 'rows'> {
  const mirrorColumns = reflected.width
  const mirrorRows = reflected.height
  const { sun, moon, waterDeep } = view.light
  const luminary = sun ?? moon
  const place = luminary && luminaryPlace(view, luminary)
  return {
    waves: kind === 'sea' ? createWaves(0.4, 9) : createWaves(1.3, 6),
    roughness: kind === 'sea' ? 0.62 : 0.2,
    mirror: reflected.getContext('2d').getImageData(0, 0, mirrorColumns, mirrorRows).data,
    mirrorColumns,
    mirrorRows,
    deep: mix(waterDeep, skyColor(view, 0.8), 0.2),
    glint: luminary ? mix(luminary.disk, luminary.glow, 0.3) : hex('#ffffff'),
    glintStrength: isHidden(view) ? 0 : sun ? 1 : moon ? 0.7 : 0,
    sunAcross: place ? (place.x + view.margin) / (view.width + view.margin * 2) : 0.5,
    sunRow: (luminary?.altitude ?? 1) * mirrorRows,
  }
}

/** A low sun behind houses or mountains throws no light on the water. */
function isHidden({ light, scene }: View): boolean {
  const altitude = (light.sun ?? light.moon)?.altitude ?? 1
  return altitude < 0.4 && (scene.layers.includes('skyline') || scene.layers.includes('mountains'))
}
