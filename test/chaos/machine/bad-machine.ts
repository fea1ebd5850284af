/**
 * Loaded into a worker before anything else (`node --import`): a machine whose clock is ten minutes off, and whose disk
 * is full now and then. Monotonic time is as it should be.
 */
import { open } from 'node:fs/promises'

const offsetMs = 10 * 60_000
/** The disk is full for so long in each period. */
const fullMs = 2_000
const periodMs = 6_000

// Of three workers, one is early, one is late, and one is right.
const skewMs = ((process.pid % 3) - 1) * offsetMs

const RealDate = Date
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + skewMs] : args, newTarget) as Date,
  get: (target, key, receiver) =>
    key === 'now' ? () => RealDate.now() + skewMs : (Reflect.get(target, key, receiver) as unknown),
})

const probe = await open('/dev/null', 'w')
const files = Object.getPrototypeOf(probe) as typeof probe
const { write } = files
await probe.close()

const isFull = (): boolean => performance.now() % periodMs < fullMs

Object.defineProperty(files, 'write', {
  configurable: true,
  writable: true,
  value(this: typeof probe, ...args: Parameters<typeof write>) {
    if (!isFull()) return write.apply(this, args)
    const error = new Error('ENOSPC: no space left on device, write')
    return Promise.reject(Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: 'write' }))
  },
})
