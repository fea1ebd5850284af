import { describe, expect, test } from 'vitest'
import { createSlots } from '../../../src/worker/slots.ts'
import { createStageGate } from '../../../src/worker/stage-gate.ts'
import { settled } from '../../support/clock.ts'

describe('slots', () => {
  test('let in as many as there are, and the others in the order of their coming', async () => {
    const slots = createSlots(2)
    const entered: number[] = []
    for (const no of [1, 2, 3, 4]) void slots.take().then(() => entered.push(no))
    await settled()
    expect(entered).toEqual([1, 2])
    slots.give()
    await settled()
    expect(entered).toEqual([1, 2, 3])
    expect(slots.taken).toBe(2)
    slots.give()
    slots.give()
    slots.give()
    await settled()
    expect(entered).toEqual([1, 2, 3, 4])
    expect(slots.taken).toBe(0)
  })

  test('let in who is urgent before the others who wait', async () => {
    const slots = createSlots(1)
    const entered: string[] = []
    await slots.take()
    void slots.take().then(() => entered.push('patient'))
    void slots.take(undefined, true).then(() => entered.push('urgent'))
    slots.give()
    slots.give()
    await settled()
    expect(entered).toEqual(['urgent', 'patient'])
  })

  test('are idle when all are free', async () => {
    const slots = createSlots(2)
    await slots.idle()
    await slots.take()
    await slots.take()
    let isIdle = false
    const idle = slots.idle().then(() => {
      isIdle = true
    })
    slots.give()
    await settled()
    expect(isIdle).toBe(false)
    slots.give()
    await idle
  })
})

describe('a place that is waited for', () => {
  test('is given to the next one when whoever stood in line has left it', async () => {
    const slots = createSlots(1)
    await slots.take()
    const leaving = new AbortController()
    const left = slots.take(leaving.signal)
    let isIn = false
    const next = slots.take(new AbortController().signal).then(() => {
      isIn = true
    })
    leaving.abort('lost')
    await expect(left).rejects.toBe('lost')
    expect(slots.waiting).toBe(1)
    slots.give()
    await next
    expect(isIn).toBe(true)
    expect(slots.taken).toBe(1)
  })

  test('is not taken by somebody who has to stop anyway', async () => {
    const slots = createSlots(1)
    await expect(slots.take(AbortSignal.abort('stopping'))).rejects.toBe('stopping')
    expect(slots.taken).toBe(0)
  })

  test('stays taken when its holder is told to stop', async () => {
    const slots = createSlots(1)
    const stopping = new AbortController()
    await slots.take(stopping.signal)
    stopping.abort('stopping')
    expect(slots.taken).toBe(1)
  })
})

const never = new AbortController().signal

describe('the gate of stages', () => {
  test('lets go of whoever is told to stop while standing in line', async () => {
    const enter = createStageGate({ upload: 1 })
    const leave = await enter('upload', never)
    const canceled = new AbortController()
    const waiting = enter('upload', canceled.signal)
    canceled.abort('canceled')
    await expect(waiting).rejects.toBe('canceled')
    leave()
    const leaveAgain = await enter('upload', never)
    leaveAgain()
  })

  test('lets only so many into a stage that has a limit', async () => {
    const enter = createStageGate({ upload: 1 })
    const leave = await enter('upload', never)
    let isIn = false
    const second = enter('upload', never).then((leaveSecond) => {
      isIn = true
      leaveSecond()
    })
    await settled()
    expect(isIn).toBe(false)
    leave()
    await second
  })

  test('lets everybody into the others', async () => {
    const enter = createStageGate({ upload: 1 })
    const leaves = await Promise.all([enter('render', never), enter('render', never), enter('render', never)])
    for (const leave of leaves) leave()
  })
})
