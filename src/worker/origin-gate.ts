/** How many calls one receiver gets at a time, so that a slow or dead one takes little from the others. */
export interface OriginGate {
  /** Takes a place with the URL's origin and returns how to leave it; null when all its places are taken. */
  enter(url: string): (() => void) | null
}

export const createOriginGate = (placesPerOrigin: number): OriginGate => {
  const taken = new Map<string, number>()
  return {
    enter(url) {
      const origin = URL.canParse(url) ? new URL(url).origin : url
      const count = taken.get(origin) ?? 0
      if (count >= placesPerOrigin) return null
      taken.set(origin, count + 1)
      return () => {
        const left = (taken.get(origin) ?? 1) - 1
        if (left === 0) taken.delete(origin)
        else taken.set(origin, left)
      }
    },
  }
}
