/** How far something is that is counted: a bar on a terminal, two plain lines elsewhere, nothing beside JSON. */
export interface ProgressBar {
  show(done: number, total: number | null, note?: string): void
  /** Takes the bar away and says how it ended. */
  end(text?: string): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>

const barWidth = 24
/** A terminal is not written to more often. */
const drawEveryMs = 50

export const drawBar = (share: number): string => {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * barWidth)
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled)
}

/** Bars go to stderr, so that what a command prints can be piped. */
export const createProgressBar = (
  label: string,
  { isJson, output = process.stderr }: { readonly isJson: boolean; readonly output?: Output },
): ProgressBar => {
  if (isJson) return { show: () => undefined, end: () => undefined }
  if (!output.isTTY)
    return {
      show: () => undefined,
      end: (text) => {
        if (text !== undefined) output.write(`${label} ${text}\n`)
      },
    }
  let drawnAtMs = Number.NEGATIVE_INFINITY
  return {
    show(done, total, note = '') {
      const nowMs = performance.now()
      if (nowMs - drawnAtMs < drawEveryMs && done !== total) return
      drawnAtMs = nowMs
      const bar = total === null || total === 0 ? '' : `${drawBar(done / total)} ${percent(done, total)}  `
      output.write(`\r\x1b[2K  ${label}  ${bar}${note}`)
    },
    end(text) {
      output.write(text === undefined ? '\r\x1b[2K' : `\r\x1b[2K  ${label} ${text}\n`)
    },
  }
}

const percent = (done: number, total: number): string =>
  `${String(Math.floor((done / total) * 100)).padStart(3)} %`

export const toMegabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`
