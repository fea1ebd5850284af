/** The stages a job can be in, in the order of the pipeline (architecture.md §3). */
export const stageNames = [
  'auth',
  'session',
  'upload',
  'generate',
  'confirm',
  'export',
  'render',
  'deliver',
] as const
export type StageName = (typeof stageNames)[number]

/** Where a job stands: a stage and, for `generate` and `confirm`, which message (0 is the prompt, then the steps). */
export interface Position {
  readonly stage: StageName
  readonly messageNo: number
}

/** What the plan of a job depends on. */
export interface PlannedJob {
  /** The prompt and the steps: at least 1. */
  readonly messageCount: number
  readonly hasInputs: boolean
  /** In a conversation a message job ends after its last `confirm`, an upload job after its inputs; an export renders. */
  readonly purpose: JobPurpose
}

/**
 * `video`: prompt to file; `message`: one turn of a conversation; `upload`: files for its next turn; `export`: render what
 * the conversation made.
 */
export const jobPurposes = ['video', 'message', 'upload', 'export'] as const
export type JobPurpose = (typeof jobPurposes)[number]

const saysSomething: Record<JobPurpose, boolean> = {
  video: true,
  message: true,
  upload: false,
  export: false,
}
const makesFile: Record<JobPurpose, boolean> = { video: true, message: false, upload: false, export: true }

/** Every position of a job, in order: a pure function of the job. */
export const planFor = ({ messageCount, hasInputs, purpose }: PlannedJob): readonly Position[] => {
  const before: StageName[] = hasInputs ? ['auth', 'session', 'upload'] : ['auth', 'session']
  const after: StageName[] = makesFile[purpose] ? ['export', 'render', 'deliver'] : []
  const messageNos = saysSomething[purpose] ? Array.from({ length: messageCount }, (_, index) => index) : []
  const lastMessageNo = Math.max(0, messageCount - 1)
  return [
    ...before.map((stage) => ({ stage, messageNo: 0 })),
    ...messageNos.flatMap((messageNo): Position[] => [
      { stage: 'generate', messageNo },
      { stage: 'confirm', messageNo },
    ]),
    ...after.map((stage) => ({ stage, messageNo: lastMessageNo })),
  ]
}

/** The position after `here`, or null at the end of the plan. */
export const nextPosition = (plan: readonly Position[], here: Position): Position | null => {
  const index = plan.findIndex(({ stage, messageNo }) => stage === here.stage && messageNo === here.messageNo)
  if (index < 0)
    throw new Error(`stage ${here.stage} (message ${here.messageNo}) is not in the plan of the job`)
  return plan[index + 1] ?? null
}

/** Shares of a job's usual time, by stage; they weigh the progress. */
const stageWeights: Record<StageName, number> = {
  auth: 1,
  session: 2,
  upload: 5,
  generate: 60,
  confirm: 6,
  export: 2,
  render: 18,
  deliver: 6,
}

/**
 * Progress of a job from 0 to 1: everything before `here`, and `fraction` (0–1) of the stage itself. Never 1 before
 * the job has succeeded.
 */
export const progressAt = (plan: readonly Position[], here: Position, fraction: number): number => {
  const index = plan.findIndex(({ stage, messageNo }) => stage === here.stage && messageNo === here.messageNo)
  const weightOf = (positions: readonly Position[]) =>
    positions.reduce((sum, { stage }) => sum + stageWeights[stage], 0)
  const before = weightOf(plan.slice(0, Math.max(0, index)))
  const inside = stageWeights[here.stage] * Math.min(1, Math.max(0, fraction))
  return Math.min(0.99, Math.round(((before + inside) / weightOf(plan)) * 1000) / 1000)
}
