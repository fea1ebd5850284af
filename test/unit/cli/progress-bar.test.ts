import { describe, expect, it } from 'vitest'
import { createProgressBar, drawBar, toMegabytes } from '../../../src/cli/progress-bar.ts'

const screen = (isTTY: boolean) => {
  const written: string[] = []
  const output = { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) > 0 }
  return { output: output as unknown as NodeJS.WriteStream, text: () => written.join('') }
}

describe('a progress bar', () => {
  it('is drawn in place on a terminal, and taken away in the end', () => {
    const { output, text } = screen(true)
    const bar = createProgressBar('upload', { isJson: false, output })
    bar.show(0, 4)
    bar.show(4, 4, '4 MB')
    bar.end()
    expect(text()).toContain(`\r\x1b[2K  upload  ${'░'.repeat(24)}   0 %`)
    expect(text()).toContain(`${'█'.repeat(24)} 100 %  4 MB`)
    expect(text().endsWith('\r\x1b[2K')).toBe(true)
  })

  it('shows only the note where nobody knows the whole', () => {
    const { output, text } = screen(true)
    createProgressBar('lines', { isJson: false, output }).show(7, null, '7 MB')
    expect(text()).toBe('\r\x1b[2K  lines  7 MB')
  })

  it('leaves no control characters elsewhere, and nothing beside JSON', () => {
    for (const [isTTY, isJson] of [
      [false, false],
      [true, true],
    ] as const) {
      const { output, text } = screen(isTTY)
      const bar = createProgressBar('upload', { isJson, output })
      bar.show(1, 2)
      bar.end('is done')
      expect(text()).toBe(isJson ? '' : 'upload is done\n')
    }
  })

  it('stays within its bounds', () => {
    expect(drawBar(-1)).toBe('░'.repeat(24))
    expect(drawBar(2)).toBe('█'.repeat(24))
    expect(toMegabytes(1_250_000)).toBe('1.3 MB')
  })
})
