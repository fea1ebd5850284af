import type { JobEvent } from '../client/index.ts'
import { drawBar } from './progress-bar.ts'

/** Shows a job's events to a person: a live line on a terminal, plain lines elsewhere, JSON when asked. */
export interface ProgressView {
  show(event: JobEvent): void
  end(): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

export const createProgressView = (
  output: Output,
  { isJson }: { readonly isJson: boolean },
): ProgressView => {
  if (isJson)
    return { show: (event) => void output.write(`${JSON.stringify(event)}\n`), end: () => undefined }
  return output.isTTY ? createLiveView(output) : createPlainView(output)
}

const seconds = (ms: unknown): string => (typeof ms === 'number' ? `${(ms / 1_000).toFixed(1)} s` : '')

const createPlainView = (output: Output): ProgressView => ({
  show(event) {
    const line = describe(event)
    if (line !== null) output.write(`${line}\n`)
  },
  end: () => undefined,
})

/** What is worth a line of its own. */
const describe = ({ type, data }: JobEvent): string | null => {
  switch (type) {
    case 'job.stage_finished':
      return `  ✓ ${stageLabel(data)}${seconds(data['ms']).padStart(9)}`
    case 'job.message':
      return `    “${String(data['text'])}”`
    case 'job.waiting':
      return `  … ${String(data['stage'])} waits: ${String(data['reason']).replaceAll('_', ' ')}`
    case 'job.retrying':
      return `  ↻ ${String(data['stage'])}: ${String(data['message'])}`
    case 'job.rescued':
      return `  ↻ ${String(data['stage'])} was taken over by another worker`
    case 'job.failed':
      return `  ✗ ${String(data['code'])}: ${String(data['message'])}`
    case 'job.canceled':
      return '  ✗ canceled'
    default:
      return null
  }
}

const stageLabel = (data: JobEvent['data']): string => {
  const messageNo = Number(data['message_no'] ?? 0)
  const name = String(data['stage'])
  return (
    messageNo > 0 && (name === 'generate' || name === 'confirm') ? `${name} ${messageNo + 1}` : name
  ).padEnd(12)
}

const createLiveView = (output: Output): ProgressView => {
  let progress = 0
  let stage = ''
  const draw = () => {
    output.write(
      `\r\x1b[2K  ${drawBar(progress)} ${String(Math.round(progress * 100)).padStart(3)} %  ${stage}`,
    )
  }
  const erase = () => output.write('\r\x1b[2K')
  return {
    show(event) {
      const line = describe(event)
      erase()
      if (line !== null) output.write(`${line}\n`)
      if (event.type === 'job.stage_started') stage = String(event.data['stage'])
      if (event.type === 'job.progress') progress = Math.max(progress, Number(event.data['progress']))
      if (event.type === 'job.succeeded') progress = 1
      draw()
    },
    end: () => void erase(),
  }
}
