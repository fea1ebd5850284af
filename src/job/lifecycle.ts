/**
 * The lifecycle of a job, in one place. A job is in one of six states; what moves it is one of these verbs and nothing
 * else. Where the job is (`stage`, `messageNo`) and why it ended (`failureCode`) are columns, never states.
 */
export const jobStates = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled'] as const
export type JobState = (typeof jobStates)[number]

export interface Transition {
  readonly from: readonly JobState[]
  readonly to: JobState
  /** Must the caller hold the job's lease? */
  readonly needsLease: boolean
  /** Who does it and when, for the chart and the reader. */
  readonly meaning: string
}

export const lifecycle = {
  claim: {
    from: ['queued', 'waiting', 'running'],
    to: 'running',
    needsLease: false,
    meaning: 'a worker takes the lease of a due job (a running one only when its lease has run out)',
  },
  advance: {
    from: ['running'],
    to: 'running',
    needsLease: true,
    meaning: 'a stage is done, the same worker goes on with the next',
  },
  note: {
    from: ['running'],
    to: 'running',
    needsLease: true,
    meaning: 'progress or words of the provider, inside a stage',
  },
  park: {
    from: ['running'],
    to: 'waiting',
    needsLease: true,
    meaning: 'the provider is busy: look again later, without a worker slot',
  },
  retry: {
    from: ['running'],
    to: 'waiting',
    needsLease: true,
    meaning: 'a try failed, the next one comes after a delay',
  },
  release: {
    from: ['running'],
    to: 'waiting',
    needsLease: true,
    meaning: 'a worker that stops hands the job back; no try is used up',
  },
  succeed: { from: ['running'], to: 'succeeded', needsLease: true, meaning: 'the last stage is done' },
  fail: {
    from: ['running'],
    to: 'failed',
    needsLease: true,
    meaning: 'a failure that no further try can mend, or the last try failed',
  },
  cancel: {
    from: ['running'],
    to: 'canceled',
    needsLease: true,
    meaning: 'its holder has stopped it and tidied up at the provider',
  },
  /** A job that nobody holds and that has nothing open at the provider. */
  withdraw: {
    from: ['queued', 'waiting'],
    to: 'canceled',
    needsLease: false,
    meaning: 'the client cancels a job that nobody holds',
  },
  expire: {
    from: ['queued'],
    to: 'failed',
    needsLease: false,
    meaning: 'a deadline passes before anybody has begun the job',
  },
  redrive: {
    from: ['failed'],
    to: 'queued',
    needsLease: false,
    meaning: 'a client runs a failed job again; the attempt number rises',
  },
} as const satisfies Record<string, Transition>

export type Verb = keyof typeof lifecycle

export const verbs = Object.keys(lifecycle) as Verb[]

export const finishedStates = ['succeeded', 'failed', 'canceled'] as const satisfies readonly JobState[]
export type FinishedState = (typeof finishedStates)[number]

export const isFinished = (state: JobState): state is FinishedState =>
  (finishedStates as readonly JobState[]).includes(state)

export const canTransition = (verb: Verb, from: JobState): boolean =>
  (lifecycle[verb].from as readonly JobState[]).includes(from)

/** The state chart as Mermaid source, for the README. */
export const toMermaid = (): string => {
  const edges = verbs
    .filter((verb) => verb !== 'note')
    .flatMap((verb) => lifecycle[verb].from.map((from) => `    ${from} --> ${lifecycle[verb].to}: ${verb}`))
  const ends = finishedStates.filter((state) => state !== 'failed').map((state) => `    ${state} --> [*]`)
  return ['stateDiagram-v2', '    [*] --> queued: create', ...edges, ...ends].join('\n')
}
