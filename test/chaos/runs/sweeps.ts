import { type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { sweep } from '../sweep/sweep.ts'

const shortStride = 24
/** Far more than one job needs. */
const mostOperations = 500

const demand: ChaosRun['demand'] = ({ verdict }) => [
  ...onlyFailures(verdict, ['generation_outcome_unknown']),
  // Lost while the message leaves, behind its mark: that is its point by name, and the operation or two that write it.
  ...(verdict.tallies.outcomeUnknown > 4 ? [`${verdict.tallies.outcomeUnknown} outcomes are unknown`] : []),
]

/** R1: the worker killed at every crash point by its name, and at every operation in turn. */
export const killSweep: ChaosRun = {
  title: 'sweep: the worker of a job killed at every crash point, and at every operation in turn',
  jobs: { full: mostOperations, short: mostOperations },
  perform: (setting, watching) =>
    sweep(setting, watching, { signal: 'SIGKILL', stride: setting.isShort ? shortStride : 1 }),
  demand,
}

/** R1 again, with a worker that freezes there and wakes up as a zombie. */
export const freezeSweep: ChaosRun = {
  title: 'sweep: the worker of a job frozen at every crash point, and at every operation in turn',
  jobs: { full: mostOperations, short: mostOperations },
  perform: (setting, watching) =>
    sweep(setting, watching, { signal: 'SIGSTOP', stride: setting.isShort ? shortStride : 1 }),
  demand,
}
