/** One train of waves on the water plane. */
export interface Wave {
  /** Cycles per unit of the plane, along the horizon and away from the viewer. */
  readonly across: number
  readonly away: number
  /** Cycles a second. */
  readonly speed: number
  readonly height: number
}

/** Radians by which each train comes from the side; none twice, or the crests would line up. */
const angles = [0.1, -0.32, 0.5, -0.66, 0.2, -0.47, 0.78, -0.12, 0.36]

/** Crests that come toward the viewer, each shorter than the one before and from a slightly different side. */
export function createWaves(longest: number, count: number): readonly Wave[] {
  return angles.slice(0, count).map((angle, index) => {
    const frequency = longest * 1.58 ** index
    return {
      across: Math.sin(angle) * frequency * 1.6,
      away: Math.cos(angle) * frequency,
      speed: 0.24 * Math.sqrt(frequency),
      height: 0.2 * 0.87 ** index,
    }
  })
}

/** The waves as one row of the picture meets them. */
export interface WaveRow {
  /** 0 at the horizon, 1 at the lower edge. */
  down: number
  /** Waves that can be seen at this distance; the shorter ones beyond are too fine. */
  visible: number
  /** Share of the slopes that is too fine to see, 0 to 1: such water mirrors a higher part of the sky. */
  unseen: number
  /** Of each wave: where in its cycle it is, in turns, how far a column turns it, and how high it is. */
  readonly phase: Float64Array
  readonly turn: Float64Array
  readonly height: Float64Array
}

export function createWaveRow(count: number): WaveRow {
  const zeros = () => new Float64Array(count)
  return { down: 0, visible: 0, unseen: 0, phase: zeros(), turn: zeros(), height: zeros() }
}

/** Sets `state` to the first column of a row. */
export function enterRow(
  state: WaveRow,
  waves: readonly Wave[],
  at: { readonly row: number; readonly rows: number; readonly columns: number; readonly timeS: number },
): void {
  const down = (at.row + 0.5) / at.rows
  const distance = 1.15 / (down + 0.012)
  const distancePerRow = 1.15 / (down + 0.012) ** 2 / at.rows
  const acrossPerColumn = (distance * 0.42) / at.rows
  let seen = 0
  let total = 0
  state.down = down
  state.visible = 0
  waves.forEach((wave, index) => {
    const cyclesPerRow = Math.hypot(wave.away * distancePerRow, wave.across * acrossPerColumn)
    const height = wave.height * Math.max(0, 1 - cyclesPerRow * 2.1)
    const left = (-at.columns / 2) * acrossPerColumn * wave.across
    state.height[index] = height
    state.turn[index] = wave.across * acrossPerColumn
    // The whole turns keep the phase above zero, where truncating is flooring.
    state.phase[index] = left + distance * wave.away + at.timeS * wave.speed + 4096
    if (height > 0) state.visible = index + 1
    seen += height
    total += wave.height
  })
  state.unseen = 1 - seen / total
}
