import { describe, expect, test } from 'vitest'
import type { JobInputSource } from '../../../src/job/job.ts'
import type { SessionState } from '../../../src/providers/provider.ts'
import { emptyState, mediumOf, providerError, stateOf } from '../../support/scripted-provider.ts'
import { runStage, type StageScript } from '../../support/stage-kit.ts'

const url = (address: string, fetch: 'provider' | 'clipline' = 'provider'): JobInputSource => ({
  url: address,
  fetch,
})
const file: JobInputSource = { upload_id: 'upl_1' }

const keptUrl = 'https://cdn.example.com/kept.mp4'

/** What the last input that was handed over leaves to the end of the stage. */
const arrived = (no: number, providerUrl: string | null = keptUrl) => ({
  kind: 'input',
  no,
  provider_session_id: '99',
  provider_url: providerUrl,
})

const hand = (inputs: readonly JobInputSource[], script: StageScript = {}) =>
  runStage({
    ...script,
    job: { stage: 'upload', providerSessionId: '99', request: { inputs }, ...script.job },
    provider: { upload: mediumOf('kept.mp4', { url: keptUrl }), ...script.provider },
  })

describe('handing over inputs', () => {
  test('records each before it goes out, and before the next one that it has arrived', async () => {
    const { outcome, journal } = await hand([file, url('https://example.com/a/my%20clip.mp4?x=1')])
    expect(outcome).toEqual({ kind: 'done', patch: { rows: [arrived(1)] } })
    expect(journal).toEqual([
      'input 0: start 1-fox.png abc',
      'lease: is held',
      'upload file 1-fox.png to 99',
      'input: discard',
      'progress 0.50',
      'input 0: acknowledge https://cdn.example.com/kept.mp4',
      'input 1: start my clip.mp4 null',
      'lease: is held',
      'upload url https://example.com/a/my%20clip.mp4?x=1 to 99',
      'progress 1.00',
    ])
  })

  test('sends a URL that Clipline fetches as a file', async () => {
    const { journal } = await hand([url('https://example.com/fox.png', 'clipline')])
    expect(journal).toContain('upload file 1-fox.png to 99')
  })

  test('leaves texts to the prompt', async () => {
    const { outcome, journal } = await hand([file], { openedInput: { outcome: 'text', text: 'once' } })
    expect(outcome).toEqual({ kind: 'done', patch: {} })
    expect(journal).toEqual(['progress 1.00'])
  })

  test('ends the job with the reason why an input is refused', async () => {
    const { outcome } = await hand([file], {
      openedInput: { outcome: 'refused', code: 'media_too_large', detail: '3 GB' },
    })
    expect(outcome).toMatchObject({ kind: 'fail', code: 'media_too_large', message: '3 GB' })
  })

  const nameless = (state: SessionState) => ({ provider: { upload: 'nothing', state } }) as const

  test('accepts an answer that names no file, where the session holds one', async () => {
    const script = nameless(stateOf('s', { media: [mediumOf('renamed.mp4')] }))
    const byUrl = await hand([url('https://example.com/a.mp4')], script)
    expect(byUrl.outcome).toEqual({ kind: 'done', patch: { rows: [arrived(0, null)] } })
    const asFile = await hand([file], script)
    expect(asFile.outcome).toEqual(byUrl.outcome)
  })

  test('goes no further where the answer names no file, and the session holds none', async () => {
    for (const input of [file, url('https://example.com/a.mp4')]) {
      const { outcome } = await hand([input], nameless(emptyState))
      expect(outcome).toMatchObject({ kind: 'fail', code: 'input_unreachable' })
    }
  })

  test('discards its copy also when the hand-over fails', async () => {
    const error = providerError('provider_unavailable')
    await expect(hand([file], { provider: { upload: error } })).rejects.toBe(error)
  })
})

describe('a holder that has lost its lease', () => {
  test.each([file, url('https://example.com/a.mp4')])('hands nothing over, of %j', async (input) => {
    await expect(hand([input], { leaseIsHeldFor: 0 })).rejects.toMatchObject({ name: 'LeaseLost' })
  })
})

describe('an input that went out before', () => {
  test('and was acknowledged is skipped', async () => {
    const { outcome, journal } = await hand([file, url('https://example.com/a.mp4')], {
      inputStates: ['acknowledged', 'acknowledged'],
    })
    expect(outcome.kind).toBe('done')
    expect(journal.filter((words) => words.startsWith('upload'))).toEqual([])
    expect(journal).toContain('input: discard')
  })

  test.each([
    ['its name', mediumOf('1-fox.png')],
    ['the name in its URL', mediumOf(null, { url: 'https://cdn.example.com/u/1-fox.png?sig=1' })],
  ])('is found in the session by %s and not sent again', async (_, medium) => {
    const { outcome, journal } = await hand([file], {
      inputStates: ['started'],
      provider: { state: stateOf('s', { media: [mediumOf('other.png'), medium] }) },
    })
    expect(outcome).toEqual({ kind: 'done', patch: { rows: [arrived(0, medium.url)] } })
    expect(journal).toEqual([
      'input 0: start 1-fox.png abc',
      'read session',
      'lease: is held',
      'input: discard',
      'progress 1.00',
    ])
  })

  test('and never arrived is sent again', async () => {
    const { journal } = await hand([file], { inputStates: ['started'], provider: { state: emptyState } })
    expect(journal).toContain('upload file 1-fox.png to 99')
  })

  test('by URL is found in the session', async () => {
    const { journal } = await hand([url('https://example.com/my%20clip.mp4')], {
      inputStates: ['started'],
      provider: { state: stateOf('s', { media: [mediumOf('my clip.mp4')] }) },
    })
    expect(journal.filter((words) => words.startsWith('upload'))).toEqual([])
  })

  test('is not taken for an earlier one of the same name', async () => {
    const twins = [url('https://a.example/x.mp4'), url('https://b.example/x.mp4')]
    const one = await hand(twins, {
      inputStates: ['acknowledged', 'started'],
      provider: { state: stateOf('s', { media: [mediumOf('x.mp4')] }) },
    })
    expect(one.journal).toContain('upload url https://b.example/x.mp4 to 99')
    const both = await hand(twins, {
      inputStates: ['acknowledged', 'started'],
      provider: { state: stateOf('s', { media: [mediumOf('x.mp4'), mediumOf('x.mp4')] }) },
    })
    expect(both.journal.filter((words) => words.startsWith('upload'))).toEqual([])
  })

  test('is not taken for one that an earlier message of its conversation brought', async () => {
    const hold = (media: number) =>
      hand([file], {
        inputStates: ['started'],
        earlierInputs: 1,
        provider: {
          state: stateOf('s', { media: Array.from({ length: media }, () => mediumOf('1-fox.png')) }),
        },
      })
    expect((await hold(1)).journal).toContain('upload file 1-fox.png to 99')
    expect((await hold(2)).journal).not.toContain('upload file 1-fox.png to 99')
  })

  test.each(['https://example.com', 'https://example.com/%ff'])(
    'under %s is told by what the URL gives',
    async (address) => {
      const { outcome } = await hand([url(address)], {
        inputStates: ['started'],
        provider: { state: stateOf('s', { media: [mediumOf(null, { url: 'not a url' })] }) },
      })
      expect(outcome.kind).toBe('done')
    },
  )
})

describe('a session that the provider has lost', () => {
  const lost = providerError('provider_session_lost')

  test('is made anew, with its uploads', async () => {
    const { outcome } = await hand([file], { provider: { upload: lost } })
    expect(outcome).toMatchObject({
      kind: 'back',
      to: 'session',
      patch: { providerSessionId: null, rows: [] },
    })
  })

  test('is made anew twice at most', async () => {
    await expect(hand([file], { provider: { upload: lost }, sessionsMade: 3 })).rejects.toBe(lost)
  })

  test('is not made anew when a conversation has used it', async () => {
    const job = {
      sessionId: 'ses_1',
      stage: 'upload',
      providerSessionId: '99',
      request: { inputs: [file] },
    } as const
    await expect(hand([file], { job, provider: { upload: lost }, isSessionUnused: false })).rejects.toBe(lost)
  })
})
