import { randomBytes } from 'node:crypto'
import type { Endpoint } from '../endpoint.ts'
import type { SeededChance } from '../seeded-chance.ts'
import { highestSerial, type World } from '../world.ts'
import type { SwitchName, SwitchValue } from './switches.ts'

/** One switch that is on, and whom it concerns. */
export interface Fault {
  readonly id: string
  readonly serial: number
  readonly switch: SwitchName
  readonly value: unknown
  readonly endpoint: Endpoint | null
  readonly sessionId: string | null
  readonly taskName: string | null
  /** How many more times it strikes; null is without end. */
  readonly timesLeft: number | null
  readonly probability: number
}

/** Whom a call concerns, as far as that is known. */
interface FaultTarget {
  readonly endpoint: Endpoint
  readonly sessionId: string | null
  readonly taskName: string | null
}

/** The faults as one call sees them. */
export interface CallFaults {
  /**
   * The value of a switch if a fault strikes this call, else null. Asking is what uses a fault up, so ask where it
   * would take effect; asking again within the call gives the same answer.
   */
  take<S extends SwitchName>(name: S): SwitchValue<S> | null
}

export interface Faults {
  add(fault: Omit<Fault, 'id' | 'serial'>): Fault
  list(): readonly Fault[]
  remove(id: string): boolean
  clear(): void
  forCall(target: FaultTarget): CallFaults
}

export const createFaults = (world: World, chance: SeededChance): Faults => {
  let serial = highestSerial(world.list('faults'))
  const takeFirst = createTaker(world, chance)

  return {
    add: (options) => {
      serial += 1
      const fault = { ...options, id: `flt_${randomBytes(6).toString('hex')}`, serial }
      world.commit({ changes: [['faults', fault.id, fault]] })
      return fault
    },
    list: () => [...world.list('faults')],
    remove: (id) => {
      if (world.find('faults', id) === null) return false
      world.commit({ changes: [['faults', id, null]] })
      return true
    },
    clear: () => {
      world.commit({ changes: [...world.list('faults')].map(({ id }) => ['faults', id, null] as const) })
    },
    forCall: (target) => {
      const taken = new Map<SwitchName, unknown>()
      return {
        take: <S extends SwitchName>(name: S) => {
          if (!taken.has(name)) taken.set(name, takeFirst(target, name))
          return taken.get(name) as SwitchValue<S> | null
        },
      }
    },
  }
}

/** Finds the first fault that strikes, rolls its dice, and counts it down. */
const createTaker = (world: World, chance: SeededChance) => {
  const rolls = new Map<string, number>()

  const strikes = (fault: Fault): boolean => {
    if (fault.probability >= 1) return true
    const roll = (rolls.get(fault.id) ?? 0) + 1
    rolls.set(fault.id, roll)
    return chance('fault', fault.serial, roll) < fault.probability
  }
  const countDown = (fault: Fault): void => {
    if (fault.timesLeft === null) return
    const timesLeft = fault.timesLeft - 1
    world.commit({ changes: [['faults', fault.id, timesLeft > 0 ? { ...fault, timesLeft } : null]] })
  }

  return (target: FaultTarget, name: SwitchName): unknown => {
    if (world.count('faults') === 0) return null
    for (const fault of newestFirst(world)) {
      if (fault.switch !== name || !concerns(fault, target) || !strikes(fault)) continue
      countDown(fault)
      return fault.value
    }
    return null
  }
}

/** A later fault overrides an earlier one. */
const newestFirst = (world: World): readonly Fault[] => [...world.list('faults')].reverse()

const concerns = (fault: Fault, target: FaultTarget): boolean =>
  (fault.endpoint === null || fault.endpoint === target.endpoint) &&
  (fault.sessionId === null || fault.sessionId === target.sessionId) &&
  (fault.taskName === null || fault.taskName === target.taskName)
