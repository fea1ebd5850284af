import { vi } from 'vitest'
import { runCommand } from '../../../src/cli/run-command.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line within this process: what it writes, and how it ends. */
export const clipline = async (...argv: readonly string[]): Promise<Ended> => {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, ...rest) => {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      for (const done of rest) if (typeof done === 'function') done()
      return true
    }),
  )
  try {
    return { code: await runCommand(argv), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** The objects that a command writes with `--json`. */
export const jsonOf = async (...argv: readonly string[]) => {
  const { stdout, stderr } = await clipline(...argv, '--json')
  if (stdout === '' && stderr !== '') throw new Error(stderr)
  return toObjects(stdout)
}

export const toObjects = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
