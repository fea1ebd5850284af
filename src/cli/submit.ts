import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { followToEnd } from './follow.ts'
import { saveArtifact } from './save.ts'

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments(args, {
    usage: commands.submit.usage,
    most: 1,
    options: {
      image: { type: 'string', multiple: true, default: [] },
      skill: { type: 'string' },
      'aspect-ratio': { type: 'string' },
      duration: { type: 'string' },
      wait: { type: 'boolean', default: false },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [prompt] = positionals
  if (prompt === undefined)
    throw new CommandFailed(exitCodes.usage, `Usage: clipline ${commands.submit.usage}`)
  const service = connectFromEnvironment()
  const inputs = []
  for (const image of values.image) inputs.push({ upload_id: await service.upload(image) })
  const skill = values.skill ?? (inputs.length > 0 ? 'image-to-video-higgsfield' : undefined)
  const output = {
    ...(values['aspect-ratio'] && { aspect_ratio: values['aspect-ratio'] }),
    ...(values.duration && { duration_s: Number(values.duration) }),
  }
  const job = await service.createJob({ prompt, ...(skill && { skill }), inputs, output })
  process.stdout.write(values.json ? `${JSON.stringify(job)}\n` : `${job.id}\n`)
  if (!values.wait && values.out === undefined) return exitCodes.ok

  const ended = await followToEnd(service, job.id, { isJson: values.json })
  if (ended.state !== 'succeeded') return exitCodes.jobFailed
  if (values.out !== undefined)
    process.stdout.write(`Saved ${await saveArtifact(service, ended, values.out)}\n`)
  else if (!values.json) process.stdout.write(`${ended.artifact?.url ?? ''}\n`)
  return exitCodes.ok
}
