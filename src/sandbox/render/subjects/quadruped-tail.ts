import type { Pen } from '../scene/view.ts'
import type { Pose } from './gait.ts'
import type { LitBreed } from './quadruped.ts'
import { fillSmooth, limbOutline, type Point } from './shape.ts'

const joints = 9

/** The tail streams behind and waves with the stride. */
export function drawTail(pen: Pen, breed: LitBreed, pose: Pose, root: Point): void {
  const { kind, length } = breed.tail
  const droop = kind === 'bushy' ? 0.16 : kind === 'hair' ? 0.75 : -0.55
  const spine: Point[] = Array.from({ length: joints }, (_, index) => {
    const share = index / (joints - 1)
    const wave = Math.sin(pose.phase * Math.PI * 2 - share * 2.6) * 0.075 * share
    const sag = droop * share * share * length
    return [root[0] - length * share * (1 - Math.abs(droop) * 0.25), root[1] + sag + wave] as const
  })
  const widthAt = (share: number) => {
    if (kind === 'bushy') return 0.05 + 0.165 * Math.sin(Math.PI * Math.min(1, share * 1.02) ** 0.75) ** 0.9
    if (kind === 'hair') return 0.06 + 0.1 * share * (1.25 - share)
    return 0.055 * (1 - share * 0.55)
  }
  const widths = spine.map(
    (_, index) => widthAt(index / (joints - 1)) * (length / (kind === 'bushy' ? 0.6 : 0.5)),
  )
  fillSmooth(pen, limbOutline(spine, widths), kind === 'hair' ? breed.dark : breed.coat)
  if (kind === 'bushy') {
    fillSmooth(pen, limbOutline(spine.slice(6), widths.slice(6)), breed.pale)
  }
}
