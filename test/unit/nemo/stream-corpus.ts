/** Whole streams as servers may send them, and what each comes to: dialects × line ends × heartbeats × turns. */
export interface CorpusStream {
  readonly name: string
  readonly bytes: Uint8Array
  readonly texts: readonly string[]
  readonly tools: readonly string[]
  readonly kind: 'answered' | 'silent' | 'empty' | 'error'
}

type Step = { text: string } | { call: string } | { result: string } | { error: string } | 'beat'
type Encode = (step: Exclude<Step, 'beat'>, no: number) => string

const adk =
  (extra: (no: number) => object): Encode =>
  (step, no) => {
    if ('error' in step) return `data: ${JSON.stringify({ error: step.error })}`
    const part =
      'text' in step
        ? { text: step.text }
        : 'call' in step
          ? { functionCall: { id: `adk-${step.call}`, name: step.call, args: { n: 1 } } }
          : { functionResponse: { id: `adk-${step.result}`, name: step.result, response: { ok: true } } }
    return `data: ${JSON.stringify({ content: { parts: [part] }, id: `ev${no}`, ...extra(no) })}`
  }

const flat: Encode = (step) => {
  if ('error' in step) return `data: ${JSON.stringify({ type: 'error', message: step.error })}`
  if ('text' in step) return `data: ${JSON.stringify({ type: 'text', content: step.text })}`
  return 'call' in step
    ? `data:${JSON.stringify({ type: 'tool_call', name: step.call, args: {} })}`
    : `data:${JSON.stringify({ type: 'tool_result', name: step.result, result: {} })}`
}

const dialects: Record<string, Encode> = {
  py: adk((no) => ({ timestamp: 1774000000.5 + no, author: 'nemo_agent' })),
  js: adk((no) => ({ timestamp: 1774000000500 + no, longRunningToolIds: [], actions: { stateDelta: {} } })),
  flat,
  folded: (step, no) => adk(() => ({}))(step, no).replace(',"id"', ',\ndata: "id"'),
}

const beats: Record<string, string> = {
  word: 'data: heartbeat',
  empty: 'data:',
  blank: 'data: ',
  json: 'data: {"type":"heartbeat"}',
  event: 'event: heartbeat\ndata: x',
  comment: ': ping',
  bare: 'heartbeat',
}

const lineEnds: Record<string, string> = { LF: '\n', CRLF: '\r\n', CR: '\r' }

const turns: Record<string, { steps: Step[]; kind: CorpusStream['kind'] }> = {
  text: { steps: ['beat', { text: 'Готово — 完成 🎬 "ok"\nline' }], kind: 'answered' },
  generation: {
    steps: [
      { text: 'Go.' },
      { call: 'seedance' },
      'beat',
      'beat',
      { result: 'seedance' },
      { text: 'Done 完.' },
    ],
    kind: 'answered',
  },
  silent: { steps: [{ call: 'edit' }, 'beat', { result: 'edit' }], kind: 'silent' },
  error: { steps: [{ text: 'Go.' }, 'beat', { error: 'boom: "quoted" \\ 爆' }], kind: 'error' },
  empty: { steps: ['beat', 'beat'], kind: 'empty' },
}

const encoder = new TextEncoder()

export const streamCorpus: readonly CorpusStream[] = Object.entries(turns).flatMap(
  ([turnName, { steps, kind }]) =>
    Object.entries(dialects).flatMap(([dialectName, encode]) =>
      Object.entries(beats).flatMap(([beatName, beat]) =>
        Object.entries(lineEnds).map(([lineEndName, lineEnd]): CorpusStream => {
          const frames = steps.map((step, no) => `${step === 'beat' ? beat : encode(step, no)}\n\n`)
          return {
            name: [turnName, dialectName, beatName, lineEndName].join(', '),
            bytes: encoder.encode(frames.join('').replaceAll('\n', lineEnd)),
            texts: steps.flatMap((step) => (step !== 'beat' && 'text' in step ? [step.text] : [])),
            tools: steps.flatMap((step) => (step !== 'beat' && 'call' in step ? [step.call] : [])),
            kind,
          }
        }),
      ),
    ),
)
