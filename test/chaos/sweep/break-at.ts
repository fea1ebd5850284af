/**
 * Loaded into a worker before anything else (`node --import`): counts what the process exchanges with the world and ends
 * or freezes it at the operation that the plan names, before that operation takes effect. It begins to count at SIGUSR2,
 * or with its first operation where a plan lies there already.
 */
import fs, { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type BreakPlan, breakPlanVariable } from './break-plan.ts'

const planFile = process.env[breakPlanVariable]
if (planFile === undefined) throw new Error(`${breakPlanVariable} is needed`)

let plan: BreakPlan | null = null
let count = 0
/** How many operations of the path have been met. */
let met = 0

const arm = (): void => {
  plan = JSON.parse(readFileSync(planFile, 'utf8')) as BreakPlan
  count = 0
  met = 0
  // Gone means read.
  rmSync(planFile)
}

process.on('SIGUSR2', arm)
if (existsSync(planFile)) arm()

/** Called before each operation. */
const step = (what: () => string): void => {
  if (plan === null) return
  count += 1
  if (!isReached(plan.at, what)) return
  appendFileSync(plan.journal, `${count} ${what()}\n`)
  process.kill(process.pid, plan.signal)
}

const isReached = (at: BreakPlan['at'], what: () => string): boolean => {
  if (typeof at === 'number') return count === at
  const next = at[met]
  if (next === undefined || !what().includes(next)) return false
  met += 1
  return met === at.length
}

/** A request line, the name of a prepared statement, or what one without a name changes, if the bytes hold one. */
const describe = (bytes: unknown): string => {
  const text = typeof bytes === 'string' ? bytes : Buffer.isBuffer(bytes) ? bytes.toString('latin1') : ''
  const [found = 'bytes'] =
    /(GET|POST|PUT|DELETE) \/[^ ?]*|HTTP\/1\.1 \d+|[a-z]+(-[a-z]+)+|(UPDATE|INSERT INTO|DELETE FROM) \w+|COMMIT|BEGIN/.exec(
      text,
    ) ?? []
  return found
}

const isRemote = (socket: Socket): boolean => socket.remotePort !== undefined

Object.defineProperty(Socket.prototype, 'write', {
  configurable: true,
  writable: true,
  value(this: Socket, ...args: Parameters<Duplex['write']>) {
    if (isRemote(this)) step(() => `sends ${describe(args[0])} to ${this.remotePort}`)
    return Duplex.prototype.write.apply(this, args)
  },
})

Object.defineProperty(Socket.prototype, 'push', {
  configurable: true,
  writable: true,
  value(this: Socket, ...args: Parameters<Duplex['push']>) {
    if (isRemote(this) && args[0] !== null)
      step(() => `receives ${describe(args[0])} from ${this.remotePort}`)
    return Duplex.prototype.push.apply(this, args)
  },
})

const { open, rename } = fs.promises
fs.promises.open = (...args) => {
  step(() => 'opens a file')
  return open(...args)
}
fs.promises.rename = (...args) => {
  step(() => 'renames a file')
  return rename(...args)
}

/** Of unsent messages (src/store/unsent-marks.ts). */
const isMark = (path: unknown): boolean => /\/unsent\/[^/]+\/prm_/.test(String(path))

const { openSync, unlinkSync } = fs
fs.openSync = (...args) => {
  if (isMark(args[0])) step(() => 'puts a mark')
  return openSync(...args)
}
fs.unlinkSync = (...args) => {
  if (isMark(args[0])) step(() => 'takes a mark')
  return unlinkSync(...args)
}
syncBuiltinESMExports()
