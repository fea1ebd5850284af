import { mkdirSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { destination } from 'pino'
import { startApp } from '../app.ts'
import { createLog } from '../app-foundation.ts'
import { createClient, type Job } from '../client/index.ts'
import { systemClock } from '../clock.ts'
import { parseArguments } from './arguments.ts'
import { startDemoReceiver } from './demo-receiver.ts'
import { startEmbeddedShape } from './embedded-shape.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { followToEnd } from './follow.ts'
import { migrateDatabase } from './migrate-database.ts'
import { saveArtifact } from './save.ts'
import { sendFile } from './send-file.ts'
import { readConfig, settingsFor } from './settings.ts'
import { abortOnSignals } from './signals.ts'

const defaultPrompt = 'a 5-second vertical clip of a city street at night with neon reflections'
const imagePrompt = 'animate this photo into a cinematic clip'
const callbackTimeoutMs = 30_000

interface DemoOptions {
  readonly prompt: string
  readonly image: string | undefined
  readonly outDir: string
  readonly isJson: boolean
}

/** Starts the embedded shape, carries one job through it for real, checks everything that came back, and stops. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments('demo', args, {
    most: 1,
    options: {
      image: { type: 'string' },
      out: { type: 'string', default: 'out' },
    },
  })
  const image = values.image === undefined ? undefined : resolve(values.image)
  if (image !== undefined)
    await access(image, constants.R_OK).catch(() => {
      throw new CommandFailed(exitCodes.usage, `the image ${values.image} cannot be read`)
    })
  return runDemo({
    prompt: positionals[0] ?? (image === undefined ? defaultPrompt : imagePrompt),
    image,
    outDir: resolve(values.out),
    isJson: values.json,
  })
}

const runDemo = async (options: DemoOptions): Promise<number> => {
  const say = (text: string) => {
    if (!options.isJson) process.stdout.write(`${text}\n`)
  }
  const startedMs = systemClock.monotonicMs()
  const config = { ...readConfig(), PORT: 0, EGRESS_ALLOW: ['127.0.0.1/32'] }
  const dataDir = resolve(config.DATA_DIR ?? './data')
  mkdirSync(dataDir, { recursive: true })
  const log = createLog(
    config.LOG_LEVEL ?? 'info',
    destination({ dest: join(dataDir, 'demo.log'), sync: false }),
  )

  // What was started is stopped then, Postgres above all, which would stay behind.
  const interrupted = abortOnSignals()
  interrupted.addEventListener('abort', () => say('\n  stopping…'))
  say('Clipline demo\n')
  const shape = await startEmbeddedShape({ config, log })
  try {
    const settings = settingsFor(config, shape.defaults)
    await migrateDatabase(settings.databaseUrl, settings.redisUrl)
    const app = await startApp(settings, ['api', 'worker'], log)
    const receiver = await startDemoReceiver(settings.callbackSecret ?? '')
    say(`  started ${[...shape.parts, 'API', 'worker'].join(', ')}${since(startedMs)}\n`)
    try {
      interrupted.throwIfAborted()
      const client = createClient({ baseUrl: app.publicUrl ?? '', apiKey: settings.apiKey ?? '' })
      const { isJson } = options
      const inputs =
        options.image === undefined
          ? []
          : [{ upload_id: (await sendFile(client, options.image, { isJson })).id }]
      say(`  prompt   “${options.prompt}”`)
      if (options.image !== undefined) say(`  photo    ${options.image}`)
      const job = await client.jobs.submit({
        prompt: options.prompt,
        ...(inputs.length > 0 && { skill: 'image-to-video-higgsfield', inputs }),
        callback: { url: receiver.url },
      })
      say(`  job      ${job.id}\n`)
      const ended = await followToEnd(client, job.id, { isJson, signal: interrupted })
      const callback = await receiver.first(callbackTimeoutMs)
      if (ended.state !== 'succeeded') {
        say(`\n  The job ended in “${ended.state}”. ${ended.failure?.hint ?? ''}`)
        return exitCodes.jobFailed
      }
      const file = await saveArtifact(client, ended, {
        file: join(options.outDir, `${ended.id}.mp4`),
        isJson,
      })
      if (callback === null || !callback.isVerified) {
        say(`\n  The callback did not arrive as it should: ${callback?.reason ?? 'none came'}`)
        return exitCodes.failed
      }
      if (isJson) process.stdout.write(`${JSON.stringify({ file, job: ended, callback })}\n`)
      else say(summary(ended, file, callback.type, since(startedMs)))
      return exitCodes.ok
    } finally {
      await app.stop()
      await receiver.close()
    }
  } finally {
    await shape.stop()
  }
}

const since = (startedMs: number): string =>
  ` in ${((systemClock.monotonicMs() - startedMs) / 1_000).toFixed(1)} s`

const summary = (job: Job, file: string, callbackType: string, took: string): string => {
  const { artifact } = job
  if (artifact === null) return ''
  const megabytes = (artifact.size_bytes / 1_000_000).toFixed(1)
  return `
  timeline  ${job.timeline ?? ''}
  callback  ${callbackType}, signature verified
  video     ${artifact.width}×${artifact.height}, ${artifact.duration_s.toFixed(1)} s, ${artifact.video_codec} + ${artifact.audio_codec}, ${megabytes} MB
  sha256    ${artifact.sha256}
  credits   ${job.credits.spent}
  file      ${file}

  Done${took}. The provider was the sandbox: the picture is simulated, everything else is the real pipeline.`
}
