/** How many streams of lines are read at once. Each holds a few hundred lines, whether they are written or wait. */
export interface LineRoom {
  /** Null while there is no place for another one. The returned function gives the place back. */
  enter(tenantId: string): (() => void) | null
}

const mostOfTenant = 8
const most = 32

export const createLineRoom = (): LineRoom => {
  const streams = new Map<string, number>()
  let count = 0
  return {
    enter(tenantId) {
      const ofTenant = streams.get(tenantId) ?? 0
      if (count >= most || ofTenant >= mostOfTenant) return null
      count += 1
      streams.set(tenantId, ofTenant + 1)
      return () => {
        count -= 1
        const left = (streams.get(tenantId) ?? 1) - 1
        if (left === 0) streams.delete(tenantId)
        else streams.set(tenantId, left)
      }
    },
  }
}
