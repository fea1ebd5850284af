import { describe, expect, test } from 'vitest'
import { type StageContextDeps, toStageContext } from '../../../src/actions/stage-context.ts'
import type { NewPermit } from '../../../src/store/permits.ts'
import { createManualClock } from '../../support/clock.ts'
import { makeJob } from '../../support/job.ts'
import { createScriptedProvider } from '../../support/scripted-provider.ts'
import { permitOf, stageTimings } from '../../support/stage-kit.ts'

const setup = (job: Parameters<typeof makeJob>[0] = {}) => {
  const journal: unknown[] = []
  const asked: NewPermit[] = []
  const deps: StageContextDeps = {
    estimates: { of: ({ accountId }) => ({ generation: accountId === 'acc_9' ? 80 : 100, edit: 50 }) },
    provider: createScriptedProvider({}, []),
    clock: createManualClock(),
    timings: stageTimings,
    platform: 'docker',
    permits: {
      open: (permit) => {
        asked.push(permit)
        return Promise.resolve({ outcome: 'denied' })
      },
      mayLeave: (id) => id === 'prm_1',
      accept: (id) => {
        journal.push(`accept ${id}`)
        return Promise.resolve(true)
      },
      wasAlone: (id) => Promise.resolve(id === 'prm_1'),
      countTries: (id) => Promise.resolve({ notAccepted: id === 'prm_1' ? 1 : 0, notSent: 0 }),
      disclaim: (id, { state }) => {
        journal.push(`disclaim ${id} as ${state}`)
        return Promise.resolve(true)
      },
      giveUp: (id) => Promise.resolve(id === 'prm_2'),
      listOpen: (id) => Promise.resolve(id === 'job_1' ? [permitOf({ id: 'prm_2' }), permitOf()] : []),
      stats: { statements: 0, operations: 0 },
    },
    jobInputs: {
      start: (key, input) => {
        journal.push({ key, input })
        return Promise.resolve('fresh')
      },
      acknowledge: (key, url) => {
        journal.push({ key, url })
        return Promise.resolve()
      },
    },
    media: {
      openUpload: (_job, uploadId) =>
        Promise.resolve(
          uploadId.startsWith('text')
            ? { outcome: 'text', text: `words of ${uploadId}` }
            : {
                outcome: 'file',
                file: {
                  filename: 'f',
                  contentType: 'c',
                  sizeBytes: 1,
                  open: () => Promise.reject(new Error('not read')),
                },
                sha256: 's',
                discard: () => {
                  journal.push(`discard ${uploadId}`)
                  return Promise.resolve()
                },
              },
        ),
      readFetchedText: (_job, url) => Promise.resolve(url.endsWith('.txt') ? `words at ${url}` : null),
      readText: (_job, uploadId) => {
        journal.push(`read ${uploadId}`)
        return Promise.resolve(uploadId.startsWith('text') ? `words of ${uploadId}` : null)
      },
      fetchUrl: (_job, url) => Promise.resolve({ outcome: 'text', text: url }),
      storeArtifact: () => Promise.resolve({ outcome: 'invalid', reason: 'no video' }),
    },
    countSessions: () => Promise.resolve(2),
    isSessionUnused: () => Promise.resolve(true),
    findStrayMessage: () => Promise.resolve(null),
    hasSessionMovedOn: () => Promise.resolve(false),
    countEarlierInputs: () => Promise.resolve(0),
  }
  const context = toStageContext(deps, {
    job: makeJob(job),
    plan: [],
    accountId: 'acc_9',
    token: 'secret',
    userId: null,
    stageMs: 5,
    scratch: {},
    voice: { progress: () => undefined, message: () => undefined },
    signal: new AbortController().signal,
    lease: { isHeld: () => true },
    awaitWritten: () => Promise.resolve(),
  })
  return { context, journal, asked }
}

const permitRequest = {
  messageNo: 1,
  providerSessionId: '99',
  messageDigest: 'd',
  baseline: { fingerprint: 'f', available: 1, frozen: 0 },
  creditsReserved: 50,
}

describe('what a stage is given', () => {
  test('calls the provider in the name of the job’s skill', () => {
    const { context } = setup()
    expect(context.access).toMatchObject({
      token: 'secret',
      attribution: { source: 'free-video-generation-api', platform: 'docker' },
    })
    expect(() => setup({ request: { skill: 'no-such-skill' } })).toThrow('not in the catalog')
  })

  test('knows what messages cost in the account of the job, the first one and the steps', () => {
    const { context } = setup()
    expect([context.estimatedCredits(0), context.estimatedCredits(3)]).toEqual([80, 50])
  })

  test('names new rows', () => {
    expect(setup().context.newSessionRowId()).toMatch(/^ses_/)
  })

  test('opens permits for this job, in its attempt and under its lease', async () => {
    const { context, asked } = setup({ epoch: 7, attempt: 2 })
    await context.permits.open(permitRequest)
    expect(asked).toEqual([{ ...permitRequest, jobId: 'job_1', epoch: 7, attempt: 2, accountId: 'acc_9' }])
  })

  test('finds the newest permit that is open, or none', async () => {
    expect((await setup().context.permits.findOpen())?.id).toBe('prm_2')
    expect(await setup({ id: 'job_2' }).context.permits.findOpen()).toBeNull()
  })

  test('reaches permits, inputs, files and sessions of its job', async () => {
    const { context, journal } = setup()
    context.permits.accept('prm_1')
    expect(await context.permits.wasAlone('prm_1')).toBe(true)
    expect(await context.permits.countTries('prm_1')).toEqual({ notAccepted: 1, notSent: 0 })
    context.permits.disclaim('prm_1', { state: 'not_sent', detail: {} })
    expect(await context.permits.giveUp('prm_2')).toBe(true)
    await context.inputs.start(0, '99', { filename: 'f', hash: null })
    await context.inputs.acknowledge({
      kind: 'input',
      no: 0,
      provider_session_id: '99',
      provider_url: null,
    })
    expect(await context.inputs.openUpload('text-1')).toMatchObject({ outcome: 'text' })
    expect(await context.inputs.fetchUrl('https://x', context.signal)).toMatchObject({ text: 'https://x' })
    expect(await context.artifacts.store({} as never, context.signal)).toMatchObject({ outcome: 'invalid' })
    expect(await context.sessions.countMade()).toBe(2)
    const key = { jobId: 'job_1', no: 0, providerSessionId: '99' }
    expect(journal).toEqual([
      'accept prm_1',
      'disclaim prm_1 as not_sent',
      { key, input: { filename: 'f', hash: null } },
      { key, url: null },
    ])
  })
})

describe('the words of a message', () => {
  const request = {
    prompt: 'a fox',
    steps: ['slower'],
    inputs: [
      { upload_id: 'text-1' },
      { upload_id: 'image-1' },
      { url: 'https://x/provider.txt', fetch: 'provider' as const },
      { url: 'https://x/ours.txt', fetch: 'clipline' as const },
    ],
    output: { aspect_ratio: '9:16' },
  }

  test('are the prompt, the texts of its inputs and the wishes for the output', async () => {
    const { context, journal } = setup({ request })
    expect(await context.messageText(0)).toBe(
      'a fox\n\nwords of text-1\n\nwords at https://x/ours.txt\n\nOutput: 9:16 aspect ratio.',
    )
    // Opening an upload may mean converting it: that is for the stage that hands it over.
    expect(journal).toEqual(['read text-1', 'read image-1'])
  })

  test('are a step as it was written', async () => {
    expect(await setup({ request }).context.messageText(1)).toBe('slower')
  })

  test('are an error for a message that the job does not have', async () => {
    await expect(setup({ request }).context.messageText(2)).rejects.toThrow('no message 2')
  })
})
