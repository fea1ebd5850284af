import { readEnvironment } from '../config.ts'
import { parseArguments } from './arguments.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { proveDeployment } from './prove/prove-deployment.ts'
import { proveHere } from './prove/prove-here.ts'

const defaultJobs = 200

/** Shows that nothing is lost, doubled or paid twice: here under fire, or at a deployment by looking at it alone. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('prove', args, {
    options: {
      jobs: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  })
  const jobs = toNumber('--jobs', values.jobs)
  const minutes = toNumber('--minutes', values.minutes)
  const amount = {
    ...(jobs === null && minutes === null && { jobs: defaultJobs }),
    ...(jobs !== null && { jobs }),
    ...(minutes !== null && { minutes }),
  }
  if (!readEnvironment()['CLIPLINE_URL'])
    return proveHere({ amount, seed: toNumber('--seed', values.seed) ?? 1, isJson: values.json })
  if (jobs === null)
    throw new CommandFailed(
      exitCodes.usage,
      'with CLIPLINE_URL set, say with --jobs how many jobs that service may pay for',
    )
  return proveDeployment({ amount: { ...amount, jobs }, isJson: values.json })
}

const toNumber = (name: string, text: string | undefined): number | null => {
  if (text === undefined) return null
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new CommandFailed(exitCodes.usage, `${name} takes a whole number from 1`)
}
