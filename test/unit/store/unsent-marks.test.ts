import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openUnsentMarks } from '../../../src/store/unsent-marks.ts'

const dayMs = 86_400_000

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unsent-marks-'))
  onTestFinished(() => rm(folder, { recursive: true }))
})

/** A process that sees the folder. */
const open = () => openUnsentMarks(folder).marks

const listMarks = async (): Promise<readonly string[]> => {
  const [boot = ''] = await readdir(join(folder, 'unsent'))
  return readdir(join(folder, 'unsent', boot))
}

describe('the mark of an unsent message', () => {
  test('is taken once by its sender, and then the message cannot be given up', () => {
    const [sender, rescuer] = [open(), open()]
    expect(sender.put('prm_1')).toBe(true)
    expect(sender.take('prm_1')).toBe(true)
    expect(sender.take('prm_1')).toBe(false)
    expect(rescuer.giveUp('prm_1')).toBe(false)
  })

  test('proves that nothing was sent until that is recorded, whoever asks', async () => {
    const [sender, rescuer] = [open(), open()]
    sender.put('prm_1')
    expect(rescuer.giveUp('prm_1')).toBe(true)
    expect(sender.take('prm_1')).toBe(false)
    expect(open().giveUp('prm_1')).toBe(true)
    rescuer.forget('prm_1')
    expect(open().giveUp('prm_1')).toBe(false)
    expect(await listMarks()).toEqual([])
  })

  test('is not missed where it was never put', () => {
    expect(open().take('prm_1')).toBe(false)
    expect(open().giveUp('prm_1')).toBe(false)
  })

  test('is not put where its folder has gone', async () => {
    const marks = open()
    await rm(join(folder, 'unsent'), { recursive: true })
    expect(marks.put('prm_1')).toBe(false)
    expect(marks.take('prm_1')).toBe(false)
  })

  test('is not put where its folder can no longer be written to', async () => {
    const marks = open()
    await rm(join(folder, 'unsent'), { recursive: true })
    await writeFile(join(folder, 'unsent'), '')
    expect(marks.put('prm_1')).toBe(false)
  })

  test('is not put where folders cannot be, and that is told', async () => {
    await writeFile(join(folder, 'file'), '')
    const { marks, whyNot } = openUnsentMarks(join(folder, 'file'))
    expect(whyNot).toContain('EEXIST')
    expect(marks.put('prm_1')).toBe(false)
    expect(marks.giveUp('prm_1')).toBe(false)
  })

  test('is not put on a file system that is not trusted with it', () => {
    const { marks, whyNot } = openUnsentMarks('/proc/self')
    expect(whyNot).toContain('0x9fa0')
    expect(marks.put('prm_1')).toBe(false)
  })

  test('goes with the boot that it belongs to', async () => {
    await mkdir(join(folder, 'unsent', 'another-boot'), { recursive: true })
    await writeFile(join(folder, 'unsent', 'another-boot', 'prm_1'), '')
    open()
    expect(await readdir(join(folder, 'unsent'))).not.toContain('another-boot')
  })

  test('is swept after a day', async () => {
    const marks = open()
    marks.put('prm_old')
    marks.put('prm_new')
    const [boot = ''] = await readdir(join(folder, 'unsent'))
    const before = new Date(Date.now() - 2 * dayMs)
    await utimes(join(folder, 'unsent', boot, 'prm_old'), before, before)
    marks.sweep(Date.now())
    expect(await listMarks()).toEqual(['prm_new'])
  })
})
