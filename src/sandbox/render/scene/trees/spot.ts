/** Where a tree stands, in pixels: the middle of its foot, and how high it reaches. */
export interface Spot {
  readonly x: number
  readonly footY: number
  readonly height: number
}
