/** The runs, by their names in guarantees.md §3.4. */
import type { ChaosRun } from './chaos-run.ts'
import { badMachines } from './runs/bad-machines.ts'
import { calm } from './runs/calm.ts'
import { databaseStress } from './runs/database-stress.ts'
import { deploys } from './runs/deploys.ts'
import { flagship } from './runs/flagship.ts'
import { lies, liesThatCancel } from './runs/lies.ts'
import { overload } from './runs/overload.ts'
import { partitions } from './runs/partitions.ts'
import { receivers } from './runs/receivers.ts'
import { freezeSweep, killSweep } from './runs/sweeps.ts'
import { zombies } from './runs/zombies.ts'

export const runs = {
  R0: calm,
  R1: killSweep,
  R1b: freezeSweep,
  R2: flagship,
  R3: lies,
  R3b: liesThatCancel,
  R4: zombies,
  R5: partitions,
  R6: deploys,
  R7: databaseStress,
  R8: overload,
  R9: badMachines,
  R10: receivers,
} as const satisfies Record<string, ChaosRun>

export type RunName = keyof typeof runs

export const isRunName = (text: string): text is RunName => Object.hasOwn(runs, text)
