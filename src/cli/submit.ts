import type { JobPreview, JobRequest } from '../client/index.ts'
import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { durationWords, toTimeAhead } from './duration.ts'
import { exitCodes } from './exit.ts'
import { finish } from './finish.ts'
import { sendInputs } from './send-file.ts'

/** A flag that may be given several times. */
const repeatable = () => ({ type: 'string' as const, multiple: true as const, default: [] as string[] })

const options = {
  input: repeatable(),
  image: repeatable(),
  step: repeatable(),
  skill: { type: 'string' },
  'aspect-ratio': { type: 'string' },
  resolution: { type: 'string' },
  duration: { type: 'string' },
  priority: { type: 'string' },
  'max-credits': { type: 'string' },
  'run-at': { type: 'string' },
  callback: { type: 'string' },
  tag: repeatable(),
  metadata: repeatable(),
  key: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
  out: { type: 'string' },
} as const

type Values = ReturnType<typeof parse>['values']

const parse = (args: readonly string[]) => parseArguments('submit', args, { most: 1, options })

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(args)
  const [prompt] = positionals
  if (prompt === undefined) throw wrongUsage('submit', 'a prompt is needed')
  const wishes = toWishes(values)
  const client = connectFromEnvironment()
  const inputs = await sendInputs(client, [...values.input, ...values.image], {
    isJson: values.json,
    key: values.key,
  })
  const request = {
    prompt,
    ...wishes,
    ...(inputs.length > 0 && { inputs }),
    ...(inputs.length > 0 && values.skill === undefined && { skill: 'image-to-video-higgsfield' }),
  }
  if (values['dry-run']) {
    tellPreview(await client.jobs.preview(request), values.json)
    return exitCodes.ok
  }
  const job = await client.jobs.submit(
    request,
    values.key === undefined ? {} : { idempotencyKey: values.key },
  )
  process.stdout.write(values.json ? `${JSON.stringify(job)}\n` : `${job.id}\n`)
  if (!values.wait && values.out === undefined) return exitCodes.ok
  return finish(client, job.id, values)
}

/** Everything but prompt and inputs. What is off in it ends the command before anything is sent. */
const toWishes = (values: Values): Omit<JobRequest, 'prompt'> => {
  const duration = toWholeNumber('submit', 'duration', values.duration)
  const maxCredits = toWholeNumber('submit', 'max-credits', values['max-credits'])
  const output = {
    ...(values['aspect-ratio'] && { aspect_ratio: values['aspect-ratio'] }),
    ...(values.resolution && { resolution: values.resolution }),
    ...(duration !== undefined && { duration_s: duration }),
  }
  return {
    ...(values.skill !== undefined && { skill: values.skill }),
    ...(values.step.length > 0 && { steps: values.step }),
    ...(Object.keys(output).length > 0 && { output }),
    // The service knows which ones there are, and names them.
    ...(values.priority !== undefined && { priority: values.priority as 'normal' }),
    ...(maxCredits !== undefined && { max_credits: maxCredits }),
    ...(values['run-at'] !== undefined && { run_at: toRunAt(values['run-at'], values.key) }),
    ...(values.callback !== undefined && { callback: { url: values.callback } }),
    ...(values.tag.length > 0 && { tags: values.tag }),
    ...(values.metadata.length > 0 && { metadata: toMetadata(values.metadata) }),
  }
}

/** `+2h` is in two hours; whatever else is a time, which the service reads. */
const toRunAt = (text: string, key: string | undefined): string => {
  if (!text.startsWith('+')) return text
  const time = toTimeAhead(text.slice(1), Date.now())
  if (time === null) throw wrongUsage('submit', `--run-at takes a time, or + and ${durationWords}`)
  // It would be another job each time, which the service refuses under the same key.
  if (key !== undefined) throw wrongUsage('submit', `with --key, --run-at takes a time, such as ${time}`)
  return time
}

const toMetadata = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw wrongUsage('submit', `--metadata takes NAME=VALUE, not ${pair}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

const tellPreview = (preview: JobPreview, isJson: boolean): void => {
  const { estimate, warnings } = preview
  const text = [
    `It would be accepted, and cost about ${estimate.credits} credits.`,
    ...warnings.map(({ message }) => `  ${message}`),
  ]
  process.stdout.write(isJson ? `${JSON.stringify(preview)}\n` : `${text.join('\n')}\n`)
}
