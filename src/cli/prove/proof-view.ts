import type { Disturbance } from './evidence.ts'

/** Shows a proof while it goes on: a live line on a terminal, plain lines elsewhere, one JSON object when asked. */
export interface ProofView {
  begin(text: string): void
  stage(stage: keyof typeof stageWords): void
  strike(disturbance: Disturbance): void
  progress(progress: { readonly accepted: number; readonly ended: number }): void
  end(text: string, summary: object): void
  /** Leaves the terminal as it should be. */
  close(): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>

const stageWords = {
  starting: 'starting Postgres, the sandbox, the API and the workers',
  running: 'submitting jobs while things go wrong',
  loading: 'submitting jobs and waiting for their ends',
  settling: 'nothing is disturbed any more; waiting for the rest',
  auditing: 'auditing',
} as const

/** Without a terminal to draw on, a line now and then has to do. */
const tellEveryMs = 10_000

export const createProofView = (output: Output, { isJson }: { readonly isJson: boolean }): ProofView => {
  const startedMs = performance.now()
  let live = ''
  let toldMs = startedMs
  const stamp = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7)} s  `
  const erase = (): void => {
    if (live !== '') output.write('\r\x1b[2K')
    live = ''
  }
  const line = (text: string): void => {
    if (isJson) return
    const last = live
    erase()
    output.write(`${text}\n`)
    if (last !== '') draw(last)
  }
  const draw = (text: string): void => {
    if (isJson || output.isTTY !== true) return
    erase()
    live = text
    output.write(text)
  }
  return {
    begin: line,
    stage: (stage) => line(`${stamp()}${stageWords[stage]}`),
    strike: ({ name, detail }) => line(`${stamp()}  ${name}: ${detail}`),
    progress({ accepted, ended }) {
      const text = `${stamp()}  ${accepted} jobs submitted, ${ended} ended`
      if (output.isTTY === true) return draw(text)
      if (performance.now() - toldMs < tellEveryMs) return
      toldMs = performance.now()
      line(text)
    },
    end(text, summary) {
      if (isJson) output.write(`${JSON.stringify(summary)}\n`)
      else {
        erase()
        output.write(`${text}\n`)
      }
    },
    close: erase,
  }
}
