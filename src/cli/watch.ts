import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { finish } from './finish.ts'

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments('watch', args, {
    most: 1,
    options: { after: { type: 'string', default: '0' }, out: { type: 'string' } },
  })
  const [jobId] = positionals
  if (jobId === undefined) throw wrongUsage('watch', 'the id of a job is needed')
  const after = toWholeNumber('watch', 'after', values.after) ?? 0
  return finish(connectFromEnvironment(), jobId, { ...values, after })
}
