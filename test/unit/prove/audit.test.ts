import { describe, expect, test } from 'vitest'
import { audit, type CheckName, countUnfinished } from '../../../src/cli/prove/audit.ts'
import type { AttemptFact, Evidence } from '../../../src/cli/prove/evidence.ts'
import { tellHistory } from '../../../src/cli/prove/history.ts'
import {
  call,
  charge,
  digest,
  eventsOf,
  evidenceOf,
  jobFact,
  jobId,
  ledgerOf,
  message,
  permitFact,
  render,
  renderEnd,
  session,
} from './evidence-kit.ts'

const found = (changes: Partial<Evidence>): CheckName[] => [
  ...new Set(audit(evidenceOf(changes)).violations.map(({ check }) => check)),
]

const delivery = { jobId, eventId: 'evt_3', eventType: 'job.succeeded', tries: 3 }

test('nothing is found in a job that went as it should', () => {
  const { violations, tallies } = audit(evidenceOf())
  expect(violations).toEqual([])
  expect(tallies).toMatchObject({ accepted: 1, succeeded: 1, failed: 0, callbacksTaken: 1, spareSessions: 0 })
})

describe('promises', () => {
  test('an accepted job without a row, or without an end, is lost', () => {
    expect(found({ jobs: [], events: [], deliveries: [], calls: [], ledger: [], permits: [] })).toEqual([
      'lost',
    ])
    expect(found({ jobs: [jobFact({ state: 'waiting' })] })).toContain('lost')
    expect(countUnfinished(evidenceOf({ jobs: [jobFact({ state: 'running' })] }))).toBe(1)
  })

  test('a key that made a second job, or one that nobody was told of, is a doubled submit', () => {
    const other = jobFact({ id: 'job_2', callbackEvents: null, state: 'queued' })
    expect(found({ jobs: [jobFact(), other] })).toContain('doubled_submits')
    expect(
      found({ submits: [{ key: 'a', jobId, tries: 1, statuses: [202] }], jobs: [jobFact({ key: 'b' })] }),
    ).toEqual(['doubled_submits'])
  })
})

describe('spending', () => {
  test('a message that was accepted twice is a doubled generation', () => {
    const ledger = ledgerOf(session, message(), message({ turn_id: 't2' }), charge())
    expect(found({ ledger })).toEqual(['doubled_generations', 'unpermitted_sends'])
  })

  test('the same words in two messages of the job are no doubled generation', () => {
    const ledger = ledgerOf(
      session,
      message(),
      message({ turn_id: 't2' }),
      charge(),
      charge({ turn_id: 't2' }),
    )
    const permits = [permitFact(), permitFact({ messageNo: 1 })]
    expect(found({ ledger, permits, jobs: [jobFact({ creditsSpent: 200 })] })).toEqual([])
  })

  test('a message may be sent again under a second permit when the first had no effect', () => {
    const ledger = ledgerOf(session, message({ verdict: 'rejected' }), message(), charge())
    const second = permitFact({ try: 2 })
    const first = permitFact({ state: 'not_accepted', creditsSettled: null })
    expect(found({ ledger, permits: [first, second] })).toEqual([])
    expect(found({ ledger, permits: [permitFact({ creditsSettled: 0 }), second] })).toEqual([
      'unpermitted_sends',
    ])
    expect(found({ ledger })).toEqual(['unpermitted_sends'])
  })

  test('a turn that is charged twice is a double charge', () => {
    expect(found({ ledger: ledgerOf(session, message(), charge(), charge()) })).toContain('double_charges')
  })

  test('our books have to agree with the provider where they claim to be exact', () => {
    const ledger = ledgerOf(session, message(), charge({ credits: 50 }))
    expect(found({ ledger })).toEqual(['charge_mismatches'])
    expect(found({ ledger, permits: [permitFact({ isEstimated: true })] })).toEqual([])
    expect(found({ jobs: [jobFact({ creditsSpent: 7 })] })).toEqual(['charge_mismatches'])
    const permits = [permitFact({ creditsSettled: 0, isEstimated: true })]
    expect(found({ permits, jobs: [jobFact({ creditsSpent: 0 })] })).toEqual(['charge_mismatches'])
  })

  test('a permit may not stay open behind its job', () => {
    expect(found({ permits: [permitFact({ state: 'accepted' })] })).toEqual(['open_permits'])
  })

  test('a render that its job does not know is an orphan, unless it came to nothing', () => {
    const rows = [session, message(), charge(), render('render_1'), renderEnd('render_1'), render('render_0')]
    expect(found({ ledger: ledgerOf(...rows) })).toEqual(['orphan_renders'])
    expect(found({ ledger: ledgerOf(...rows, renderEnd('render_0', 'failed')) })).toEqual([])
  })

  test('a render id that was accepted twice is found', () => {
    const ledger = ledgerOf(session, message(), charge(), render('render_1'), render('render_1'))
    expect(found({ ledger })).toEqual(['doubled_renders'])
  })
})

describe('callbacks', () => {
  test('an end that nobody took is undelivered, unless that is visible', () => {
    expect(found({ calls: [] })).toEqual(['undelivered'])
    expect(found({ calls: [call({ status: 503 })] })).toEqual(['undelivered'])
    expect(found({ calls: [], deliveries: [] })).toEqual(['undelivered'])
    expect(found({ calls: [], deliveries: [{ ...delivery, state: 'waiting' }] })).toEqual(['undelivered'])
    expect(found({ calls: [], deliveries: [{ ...delivery, state: 'exhausted' }] })).toEqual([])
  })

  test('a job without a callback owes none', () => {
    expect(found({ calls: [], deliveries: [], jobs: [jobFact({ callbackEvents: null })] })).toEqual([])
  })

  test('a signature that does not hold, or a time stamp that is off, is found', () => {
    expect(found({ calls: [call(), call({ isVerified: false })] })).toEqual(['unverified'])
    expect(found({ calls: [call({ skewMs: 31_000 })] })).toEqual(['unverified'])
  })

  test('an event has one id and one wording', () => {
    expect(found({ calls: [call(), call({ webhookId: 'evt_9' })] })).toEqual(['unsteady_identities'])
    expect(found({ calls: [call(), call({ bodySha256: 'other' })] })).toEqual(['unsteady_identities'])
    const deliveries = [delivery, delivery].map((one) => ({ ...one, state: 'delivered' }))
    expect(found({ deliveries })).toEqual(['unsteady_identities'])
  })

  test('the same callback again is counted, and no violation', () => {
    const { violations, tallies } = audit(evidenceOf({ calls: [call({ status: 500 }), call(), call()] }))
    expect(violations).toEqual([])
    expect(tallies).toMatchObject({ callbacksTaken: 1, callbacksRepeated: 1 })
  })
})

describe('histories', () => {
  const queued = [0, 'job.queued', { skill: 'x' }] as const
  const delivering = [1, 'job.stage_started', { stage: 'deliver', message_no: 0, progress: 0.9 }] as const
  const succeeded = [1, 'job.succeeded', { artifact_id: 'art_1' }] as const

  test('a number that is missing is a gap', () => {
    const events = eventsOf(queued, delivering, succeeded).map((event) =>
      event.seq === 3 ? { ...event, seq: 4 } : event,
    )
    expect(found({ events })).toEqual(['event_gaps'])
    expect(found({ jobs: [jobFact({ seq: 5 })] })).toEqual(['event_gaps'])
  })

  test('an event of an older epoch behind a newer one is a stale write', () => {
    const rescued = [2, 'job.rescued', { stage: 'deliver' }] as const
    const events = eventsOf(queued, rescued, delivering, succeeded)
    const call4 = call({ webhookId: 'evt_4' })
    const deliveries = [{ ...delivery, eventId: 'evt_4', state: 'delivered' }]
    expect(found({ events, calls: [call4], deliveries, jobs: [jobFact({ seq: 4 })] })).toEqual([
      'stale_writes',
    ])
  })

  test('nothing but a redrive comes after an end', () => {
    const events = eventsOf(queued, delivering, succeeded, [1, 'job.canceled', { stage: 'deliver' }])
    const job = jobFact({ seq: 4, state: 'canceled' })
    expect(found({ events, jobs: [job] })).toEqual(['doubled_ends'])
  })

  test('events have to add up to the row', () => {
    expect(found({ jobs: [jobFact({ stage: 'render' })] })).toEqual(['unfaithful_histories'])
  })
})

describe('files', () => {
  test('a success needs its file, with the bytes that were rendered', () => {
    const artifact = { id: 'art_1', jobId, sha256: 'bytes', storedSha256: 'bytes' }
    expect(found({ artifacts: [] })).toEqual(['wrong_files'])
    expect(found({ artifacts: [{ ...artifact, storedSha256: null }] })).toEqual(['wrong_files'])
    expect(found({ artifacts: [{ ...artifact, storedSha256: 'others' }] })).toEqual(['wrong_files'])
    expect(found({ artifacts: [{ ...artifact, sha256: 'cut', storedSha256: 'cut' }] })).toEqual([
      'wrong_files',
    ])
  })
})

describe('an unknown outcome', () => {
  const unknown = {
    jobs: [jobFact({ state: 'failed', stage: 'confirm', failureCode: 'generation_outcome_unknown', seq: 3 })],
    events: eventsOf(
      [0, 'job.queued', { skill: 'x' }],
      [1, 'job.stage_started', { stage: 'confirm', message_no: 0, progress: 0.6 }],
      [
        2,
        'job.failed',
        { code: 'generation_outcome_unknown', message: '', stage: 'confirm', retryable: true },
      ],
    ),
    permits: [permitFact({ state: 'unknown' })],
    deliveries: [],
    calls: [],
    ledger: ledgerOf(session),
  }
  const { createdAtMs } = permitFact()

  test('is a violation when nothing happened to its message', () => {
    expect(found(unknown)).toEqual(['unexplained'])
    const later = { name: 'kill', detail: '', fromMs: createdAtMs + 60_000, untilMs: createdAtMs + 61_000 }
    expect(found({ ...unknown, disturbances: [later] })).toEqual(['unexplained'])
  })

  test('is explained by a disturbance while the message was sent', () => {
    const kill = { name: 'kill', detail: '', fromMs: createdAtMs + 10, untilMs: createdAtMs + 20 }
    expect(found({ ...unknown, disturbances: [kill] })).toEqual([])
    expect(audit(evidenceOf(unknown)).tallies.outcomeUnknown).toBe(1)
  })

  test('is explained by the loss of its holder', () => {
    const { epoch } = permitFact()
    const lost: AttemptFact = {
      jobId,
      stage: 'generate',
      epoch,
      owner: 'wrk_1',
      outcome: 'lost',
      failureCode: null,
      note: null,
      finishedAtMs: createdAtMs + 60_000,
    }
    expect(found({ ...unknown, attempts: [lost] })).toEqual([])
    expect(found({ ...unknown, attempts: [{ ...lost, epoch: epoch + 1 }] })).toEqual(['unexplained'])
  })

  describe('of a message that never left a worker that was killed', () => {
    const [epoch, finishedAtMs] = [permitFact().epoch, createdAtMs + 60_000]
    const attempt = { jobId, stage: 'generate', epoch, outcome: 'lost', failureCode: null, note: null }
    const killed: Partial<Evidence> = {
      ...unknown,
      attempts: [{ ...attempt, owner: 'wrk_17_a', finishedAtMs }],
      disturbances: [
        { name: 'worker killed', detail: 'process 17', fromMs: createdAtMs, untilMs: createdAtMs },
      ],
    }

    const lost = [
      permitFact({ state: 'unknown' }),
      permitFact({ messageNo: 1, state: 'unknown', creditsSettled: 0 }),
    ]
    const told = permitFact({ messageNo: 2, state: 'not_sent', creditsSettled: null })

    test('is a violation where there are several: their marks should have told', () => {
      expect(found({ ...killed, permits: lost })).toEqual(['unexplained'])
    })

    test('is one also where an earlier try of it has arrived and was refused', () => {
      const refused = permitFact({ state: 'rejected', creditsSettled: null })
      const ledger = ledgerOf(session, message({ verdict: 'rejected' }))
      expect(found({ ...killed, permits: [refused, ...lost], ledger })).toEqual(['unexplained'])
    })

    test('is bad luck where it is the only one, or no more than those whose marks told', () => {
      expect(found(killed)).toEqual([])
      expect(found({ ...killed, permits: [...lost, told] })).toEqual(['unexplained'])
      expect(found({ ...killed, permits: [...lost, told, told] })).toEqual([])
    })

    test('is none where they arrived, where another process was killed, or where no marks are kept', () => {
      const arrived = ledgerOf(session, message(), message(), charge(), charge())
      expect(found({ ...killed, permits: lost, ledger: arrived })).not.toContain('unexplained')
      const others = [
        { name: 'worker killed', detail: 'process 18', fromMs: createdAtMs, untilMs: createdAtMs },
      ]
      expect(found({ ...killed, permits: lost, disturbances: others })).toEqual([])
      expect(found({ ...killed, permits: lost, areMarksKept: false })).toEqual([])
    })
  })

  test('is explained by a provider that dropped the message or gave its turn up', () => {
    const dropped = ledgerOf(session, message({ verdict: 'dropped' }))
    expect(found({ ...unknown, ledger: dropped })).toEqual([])
    const refunded = ledgerOf(session, message(), charge({ action: 'refund' }))
    expect(found({ ...unknown, ledger: refunded })).toEqual([])
  })
})

test('a history tells all sides in the order of time', () => {
  const [dossier] = audit(evidenceOf()).dossiers
  const lines = tellHistory(dossier!)
  expect(lines[0]).toBe(`${jobId}: succeeded in deliver, no failure`)
  expect(lines.join('\n')).toContain('submitted as drill-1-0, answered 202')
  expect(lines.filter((line) => line.includes('provider'))).toHaveLength(5)
  expect(lines.some((line) => line.includes(digest))).toBe(true)
})
