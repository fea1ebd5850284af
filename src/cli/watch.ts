import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { followToEnd } from './follow.ts'

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments(args, {
    usage: commands.watch.usage,
    most: 1,
    options: { after: { type: 'string', default: '0' }, json: { type: 'boolean', default: false } },
  })
  const [jobId] = positionals
  if (jobId === undefined) throw new CommandFailed(exitCodes.usage, `Usage: clipline ${commands.watch.usage}`)
  const job = await followToEnd(connectFromEnvironment(), jobId, {
    after: Number(values.after),
    isJson: values.json,
  })
  return job.state === 'succeeded' ? exitCodes.ok : exitCodes.jobFailed
}
