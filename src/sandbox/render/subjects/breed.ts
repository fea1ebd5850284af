import { type Color, hex } from '../color.ts'

/** What makes one four-legged animal look different from another. Lengths are shares of the body's length. */
export interface Breed {
  readonly coat: Color
  /** The far legs, the back of the ears, the mane. */
  readonly dark: Color
  /** Chest, cheeks, tip of the tail. */
  readonly pale: Color
  readonly socks: Color
  readonly legLength: number
  readonly legWidth: number
  readonly bodyDepth: number
  /** How far the head is carried forward and up from the shoulder. */
  readonly neck: { readonly forward: number; readonly up: number; readonly width: number }
  /** `muzzle`: half the height of the snout's end, as a share of the head's size. */
  readonly head: {
    readonly size: number
    readonly snout: number
    readonly muzzle: number
    readonly ears: 'pointed' | 'floppy' | 'small'
  }
  readonly tail: { readonly kind: 'bushy' | 'thin' | 'hair' | 'stub'; readonly length: number }
  readonly hasMane: boolean
  readonly hasAntlers: boolean
}

const foxBreed: Breed = {
  coat: hex('#e8702a'),
  dark: hex('#7c2f16'),
  pale: hex('#fff3e2'),
  socks: hex('#33201f'),
  legLength: 0.4,
  legWidth: 0.072,
  bodyDepth: 0.25,
  neck: { forward: 0.2, up: 0.13, width: 0.2 },
  head: { size: 0.12, snout: 0.19, muzzle: 0.1, ears: 'pointed' },
  tail: { kind: 'bushy', length: 0.66 },
  hasMane: false,
  hasAntlers: false,
}

export const breeds = {
  fox: foxBreed,
  wolf: {
    ...foxBreed,
    coat: hex('#7d8593'),
    dark: hex('#3e4450'),
    pale: hex('#dfe4ea'),
    socks: hex('#b9c0c9'),
    legLength: 0.46,
    legWidth: 0.082,
    bodyDepth: 0.29,
    neck: { forward: 0.2, up: 0.1, width: 0.25 },
    tail: { kind: 'bushy', length: 0.46 },
  },
  dog: {
    ...foxBreed,
    coat: hex('#d79a4f'),
    dark: hex('#8a5526'),
    pale: hex('#f6e3c3'),
    socks: hex('#d79a4f'),
    legLength: 0.44,
    legWidth: 0.09,
    bodyDepth: 0.29,
    neck: { forward: 0.17, up: 0.2, width: 0.2 },
    head: { size: 0.135, snout: 0.13, muzzle: 0.26, ears: 'floppy' },
    tail: { kind: 'thin', length: 0.44 },
  },
  cat: {
    ...foxBreed,
    coat: hex('#6b6672'),
    dark: hex('#3d3945'),
    pale: hex('#f3eef2'),
    socks: hex('#f3eef2'),
    legLength: 0.34,
    legWidth: 0.075,
    bodyDepth: 0.24,
    neck: { forward: 0.15, up: 0.13, width: 0.17 },
    head: { size: 0.13, snout: 0.05, muzzle: 0.22, ears: 'pointed' },
    tail: { kind: 'thin', length: 0.66 },
  },
  horse: {
    ...foxBreed,
    coat: hex('#7a4526'),
    dark: hex('#2e1a12'),
    pale: hex('#8f5932'),
    socks: hex('#2e1a12'),
    legLength: 0.62,
    legWidth: 0.082,
    bodyDepth: 0.3,
    neck: { forward: 0.28, up: 0.36, width: 0.2 },
    head: { size: 0.105, snout: 0.21, muzzle: 0.34, ears: 'small' },
    tail: { kind: 'hair', length: 0.5 },
    hasMane: true,
  },
  deer: {
    ...foxBreed,
    coat: hex('#a8713f'),
    dark: hex('#5b3a20'),
    pale: hex('#f2e2c8'),
    socks: hex('#6f4727'),
    legLength: 0.6,
    legWidth: 0.058,
    bodyDepth: 0.26,
    neck: { forward: 0.2, up: 0.36, width: 0.14 },
    head: { size: 0.09, snout: 0.13, muzzle: 0.2, ears: 'small' },
    tail: { kind: 'stub', length: 0.12 },
    hasAntlers: true,
  },
} as const satisfies Readonly<Record<string, Breed>>

export type BreedName = keyof typeof breeds
