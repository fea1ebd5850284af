import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openUnsentMarks } from '../../../src/store/unsent-marks.ts'

const nowMs = Date.now()
const twoDaysAgo = new Date(nowMs - 2 * 86_400_000)

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'unsent-marks-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

describe('the mark of an unsent message', () => {
  test('can be taken once, by whoever sees the folder', async () => {
    const folder = await newFolder()
    const sender = openUnsentMarks(folder, nowMs)
    const rescuer = openUnsentMarks(folder, nowMs)
    expect(sender.put('prm_1')).toBe(true)
    expect(rescuer.take('prm_1')).toBe(true)
    expect(sender.take('prm_1')).toBe(false)
    expect(rescuer.take('prm_1')).toBe(false)
    expect(rescuer.take('prm_2')).toBe(false)
  })

  test('is not put where files cannot be', async () => {
    const folder = await newFolder()
    await writeFile(join(folder, 'file'), '')
    const marks = openUnsentMarks(join(folder, 'file'), nowMs)
    expect(marks.put('prm_1')).toBe(false)
    expect(marks.take('prm_1')).toBe(false)
  })

  test('is forgotten after a day, and with the boot it belongs to', async () => {
    const folder = await newFolder()
    const marks = openUnsentMarks(folder, nowMs)
    const [boot = ''] = await readdir(join(folder, 'unsent'))
    const earlier = join(folder, 'unsent', 'another-boot')
    await mkdir(earlier)
    marks.put('prm_old')
    marks.put('prm_new')
    await utimes(earlier, twoDaysAgo, twoDaysAgo)
    await utimes(join(folder, 'unsent', boot, 'prm_old'), twoDaysAgo, twoDaysAgo)
    const reopened = openUnsentMarks(folder, nowMs)
    expect(await readdir(join(folder, 'unsent'))).toEqual([boot])
    expect(reopened.take('prm_old')).toBe(false)
    expect(reopened.take('prm_new')).toBe(true)
  })
})
