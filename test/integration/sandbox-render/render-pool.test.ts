import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRenderPool, type PooledRender } from '../../../src/sandbox/render/render-pool.ts'
import { draftOf, draftOfMedia, temporaryFolder } from './clip-kit.ts'

async function setup(concurrency: number) {
  const folder = await temporaryFolder()
  const pool = createRenderPool({ concurrency })
  onTestFinished(() => pool.close())
  const order = (name: string, prompt: string, change: Partial<PooledRender> = {}): PooledRender => ({
    draft: draftOf(prompt),
    output: {},
    media: {},
    outFile: join(folder, name),
    mode: 'tiny',
    ...change,
  })
  return { folder, pool, order }
}

describe('the render pool', () => {
  it('renders in other processes, more orders than it has places for', async () => {
    const { folder, pool, order } = await setup(2)
    const files = await Promise.all(
      ['one', 'two', 'three'].map((name) =>
        pool.render(order(`${name}.mp4`, `waves at sunset, take ${name}, 1 second`)),
      ),
    )

    expect((await readdir(folder)).sort()).toEqual(['one.mp4', 'three.mp4', 'two.mp4'])
    expect(files.map((file) => file.durationMs)).toEqual([1000, 1000, 1000])
  })

  it('writes the same bytes as a render in this process would, and tells the progress', async () => {
    const { folder, pool, order } = await setup(1)
    const told: number[] = []
    const file = await pool.render(order('clip.mp4', 'a fox in the snow, 1 second'), {
      onProgress: (fraction) => told.push(fraction),
    })
    const again = await pool.render(order('again.mp4', 'a fox in the snow, 1 second'))

    expect(again.sha256).toBe(file.sha256)
    expect((await readFile(join(folder, 'clip.mp4'))).length).toBe(file.sizeBytes)
    expect(told.at(-1)).toBe(1)
  })

  it('passes on why a render failed and stays usable', async () => {
    const { pool, order } = await setup(1)
    const broken = order('broken.mp4', '', {
      draft: draftOfMedia([{ src: 'u/gone.png' }], { width: 320, height: 180 }),
    })

    await expect(pool.render(broken)).rejects.toThrow(/u\/gone\.png/)
    await expect(pool.render(order('next.mp4', 'a lake, 1 second'))).resolves.toMatchObject({
      durationMs: 1000,
    })
  })

  it('cancels a render under way and one that waits', async () => {
    const { folder, pool, order } = await setup(1)
    const first = new AbortController()
    const second = new AbortController()
    const reason = new Error('canceled')
    const running = pool.render(order('running.mp4', 'a city street at night, 10 seconds'), {
      signal: first.signal,
      onProgress: () => first.abort(reason),
    })
    const waiting = pool.render(order('waiting.mp4', 'a meadow, 1 second'), { signal: second.signal })
    second.abort(reason)

    await expect(waiting).rejects.toBe(reason)
    await expect(running).rejects.toBe(reason)
    expect(await readdir(folder)).toEqual([])
  })

  it('rejects what is under way when it is closed and leaves no unfinished file', async () => {
    const { folder, pool, order } = await setup(1)
    let begun = () => {}
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const running = pool.render(order('running.mp4', 'a city street at night, 10 seconds'), {
      onProgress: begun,
    })
    const outcome = expect(running).rejects.toThrow(/closed/)
    await hasBegun
    await pool.close()

    await outcome
    expect(await readdir(folder)).toEqual([])
    await expect(pool.render(order('late.mp4', 'a meadow'))).rejects.toThrow(/closed/)
  })
})
