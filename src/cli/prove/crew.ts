/** Worker processes that are killed and come back, as under a supervisor. */
import { setTimeout as pause } from 'node:timers/promises'
import type { SeededRandom } from './seeded-random.ts'
import { endInTime, type ServiceProcess } from './service-process.ts'

export interface Crew {
  /** Those that are ready now. */
  readonly members: readonly ServiceProcess[]
  /**
   * Kills one of them at once; another one takes its place. Null while a place is empty: however slow the machine is, a
   * crew always gets some work done between two kills.
   */
  killOne(random: SeededRandom): Promise<ServiceProcess | null>
  /** Tells a member to stop and waits until it has ended; nobody takes its place. */
  retire(member: ServiceProcess): Promise<number | NodeJS.Signals | null>
  /** One more. */
  add(): Promise<ServiceProcess>
  /** Processes that ended by themselves, which none should. */
  readonly crashes: readonly string[]
  /** Processes that never became ready, as while the database is away. */
  readonly accidents: readonly string[]
  stop(): Promise<void>
}

const againMs = 500

export const startCrew = async (size: number, start: () => Promise<ServiceProcess>): Promise<Crew> => {
  const members = new Set<ServiceProcess>()
  const crashes: string[] = []
  const accidents: string[] = []
  const places: Promise<void>[] = []
  let isStopping = false

  const join = async (): Promise<ServiceProcess> => {
    const member = await start()
    members.add(member)
    void member.ended.then(async (ending) => {
      // Whoever sends a member away forgets it first.
      if (!members.delete(member) || isStopping) return
      fill()
      crashes.push(
        `process ${member.pid} ended by itself with ${String(ending)}:\n${await member.lastWords()}`,
      )
    })
    if (isStopping) member.signal('SIGKILL')
    return member
  }

  /** A start may fail while the database is away: a supervisor would try again, too. */
  const fill = (): void => {
    const filled = async (): Promise<void> => {
      while (!isStopping) {
        try {
          await join()
          return
        } catch (error) {
          accidents.push(error instanceof Error ? error.message : String(error))
          await pause(againMs)
        }
      }
    }
    places.push(filled())
  }

  const joined = await Promise.allSettled(Array.from({ length: size }, join))
  const missing = joined.find((one) => one.status === 'rejected')
  if (missing !== undefined) {
    isStopping = true
    for (const member of members) member.signal('SIGKILL')
    throw missing.reason
  }
  return {
    get members() {
      return [...members]
    },
    crashes,
    accidents,
    async killOne(random) {
      const victim = members.size < size ? undefined : random.pick([...members])
      if (victim === undefined) return null
      members.delete(victim)
      victim.signal('SIGKILL')
      await victim.ended
      fill()
      return victim
    },
    retire(member) {
      members.delete(member)
      return endInTime(member)
    },
    add: join,
    async stop() {
      isStopping = true
      await Promise.all(places)
      await Promise.all([...members].map(endInTime))
    },
  }
}
