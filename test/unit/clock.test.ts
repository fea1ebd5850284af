import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { constants, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'

test('what has come while the process stood still is heard before its time is up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clipline-clock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const pipe = join(folder, 'pipe')
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe])
  const reader = new Socket({
    fd: openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK),
    writable: false,
  })
  const heard: string[] = []
  reader.on('data', (text) => heard.push(String(text)))
  const timeIsUp = new Promise<void>((resolve) => {
    systemClock.after(1, () => {
      heard.push('time is up')
      resolve()
    })
  })
  // Nothing else runs until the answer is there.
  execFileSync('sh', ['-c', 'printf answer > "$0"', pipe])
  await Promise.all([timeIsUp, once(reader, 'close')])
  expect(heard).toEqual(['answer', 'time is up'])
})

test('what is canceled does not happen, also in the moment in which it comes due', async () => {
  const happened = vi.fn()
  systemClock.after(0, happened)()
  const cancel = systemClock.after(1, happened)
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      cancel()
      resolve()
    }, 1)
  })
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect(happened).not.toHaveBeenCalled()
})
