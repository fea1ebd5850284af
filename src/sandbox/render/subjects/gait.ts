import type { SceneSubject } from '../scene-spec.ts'
import type { Point } from './shape.ts'

/** How a four-legged body is held at one moment; lengths are shares of its own length, `y` grows downward. */
export interface Pose {
  /** How far the whole body is lifted, and how it pitches (radians, nose up is negative). */
  readonly lift: number
  readonly pitch: number
  /** Above 0 the back is bent and the legs gather under it; below 0 it is stretched. */
  readonly gather: number
  readonly legs: readonly LegPose[]
  /** Turns of the cycle: tail and ears follow it. */
  readonly phase: number
}

export interface LegPose {
  readonly isHind: boolean
  readonly isFar: boolean
  /** Radians from straight down, forward positive. */
  readonly swing: number
  /** 0 straight, 1 folded. */
  readonly fold: number
}

interface Gait {
  readonly cyclesPerS: number
  readonly reach: number
  readonly bounce: number
  /** When each leg comes forward, in turns: near fore, far fore, near hind, far hind. */
  readonly offsets: readonly [number, number, number, number]
}

const gaits: Readonly<Record<SceneSubject['pace'], Gait>> = {
  run: { cyclesPerS: 2.15, reach: 0.98, bounce: 0.075, offsets: [0, 0.1, 0.52, 0.6] },
  walk: { cyclesPerS: 0.95, reach: 0.42, bounce: 0.012, offsets: [0, 0.5, 0.75, 0.25] },
  still: { cyclesPerS: 0.16, reach: 0.02, bounce: 0.004, offsets: [0, 0.5, 0.2, 0.7] },
}

export function poseAt(pace: SceneSubject['pace'], timeS: number): Pose {
  const gait = gaits[pace]
  const phase = timeS * gait.cyclesPerS
  const turn = (offset: number) => (phase + offset) * Math.PI * 2
  const isRunning = pace === 'run'
  const legs = gait.offsets.map((offset, index) => ({
    isHind: index > 1,
    isFar: index % 2 === 1,
    swing: gait.reach * Math.sin(turn(offset)) + (isRunning ? (index > 1 ? -0.08 : 0.1) : 0),
    // A leg folds while it comes forward.
    fold: Math.max(0, Math.cos(turn(offset))) * (isRunning ? 1 : 0.55),
  }))
  return {
    lift: gait.bounce * (0.5 + 0.5 * Math.sin(turn(0.3))),
    pitch: isRunning ? 0.075 * Math.sin(turn(0.58)) : 0.01 * Math.sin(turn(0)),
    gather: isRunning ? 0.5 * Math.sin(turn(0.78)) : 0,
    legs,
    phase,
  }
}

/** Hip, knee, ankle and toe of a leg that hangs from `hip`. */
export function legPoints(leg: LegPose, hip: Point, length: number): readonly [Point, Point, Point, Point] {
  const upper = length * 0.46
  const lower = length * 0.42
  const thigh = leg.swing * 0.8 + (leg.isHind ? 0.16 : 0.06)
  const bend = (leg.isHind ? 0.5 : 0.12) + leg.fold * (leg.isHind ? 1.15 : 1.35)
  const knee: Point = [hip[0] + Math.sin(thigh) * upper, hip[1] + Math.cos(thigh) * upper]
  const shin = thigh - bend * (leg.isHind ? 0.95 : 1) + (leg.isHind ? 0.12 : 0)
  const ankle: Point = [knee[0] + Math.sin(shin) * lower, knee[1] + Math.cos(shin) * lower]
  const paw = shin + (leg.isHind ? 0.75 : 0.35) + 0.35 * (1 - leg.fold)
  const toe: Point = [ankle[0] + Math.sin(paw) * length * 0.16, ankle[1] + Math.cos(paw) * length * 0.16]
  return [hip, knee, ankle, toe]
}
