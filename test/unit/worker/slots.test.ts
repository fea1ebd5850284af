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

describe('the gate of stages', () => {
  test('lets only so many into a stage that has a limit', async () => {
    const enter = createStageGate({ upload: 1 })
    const leave = await enter('upload')
    let isIn = false
    const second = enter('upload').then((leaveSecond) => {
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
    const leaves = await Promise.all([enter('render'), enter('render'), enter('render')])
    for (const leave of leaves) leave()
  })
})
