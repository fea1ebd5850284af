import { describe, expect, test } from 'vitest'
import type { Follower } from '../../../src/api/streams/event-hub.ts'
import type { EventStream } from '../../../src/api/streams/event-stream.ts'
import { followAnswer } from '../../../src/api/streams/follow-answer.ts'
import type { JobEventType } from '../../../src/job/events.ts'
import type { StoredEvent } from '../../../src/store/job-events.ts'
import { createManualClock } from '../../support/clock.ts'

const eventOf = (seq: number, type: JobEventType): StoredEvent => ({
  id: `evt_${seq}`,
  seq,
  type,
  jobId: 'job_1',
  tenantId: 'ten_1',
  at: new Date(0),
  data: {},
  cursor: { xid: '1', feedId: seq },
})

const noteEveryMs = 120_000

/** An answer that is followed from its start, with one event stored already. */
const follow = async (showEnd: () => Promise<object | null> = async () => ({ reply: 'Done.' })) => {
  const clock = createManualClock()
  const frames: string[] = []
  const errors: unknown[] = []
  const ended = Promise.withResolvers<void>()
  let follower: Follower | null = null
  let close = () => {}
  const stream: EventStream = {
    isClosed: false,
    send: (frame) => frames.push(frame) > 0,
    whenDrained: () => Promise.resolve(true),
    end: () => ended.resolve(),
    drop: () => undefined,
    onClose: (listener) => {
      const before = close
      close = () => {
        before()
        listener()
      }
    },
  }
  const stored = [eventOf(1, 'job.queued')]
  const deps = {
    clock,
    events: {
      listOfJob: (_id: string, { after }: { after: number }) =>
        Promise.resolve(stored.filter(({ seq }) => seq > after)),
      listFeed: () => Promise.resolve({ events: [], isCut: false }),
    },
    hub: {
      follow: (given: Follower) => {
        follower = given
        return Promise.resolve(() => {})
      },
      poke: () => {},
      close: () => {},
    },
  }
  await followAnswer(deps as unknown as Parameters<typeof followAnswer>[0], stream, {
    tenantId: 'ten_1',
    jobId: 'job_1',
    accepted: { reply: 'I am on it.' },
    showEnd,
    note: 'Still working on it.',
    onError: (error) => errors.push(error),
  })
  const names = () => frames.map((frame) => /event: (\S+)/.exec(frame)?.[1])
  const tell = (...events: StoredEvent[]) => follower?.onEvents(events)
  return { clock, frames, names, tell, ended: ended.promise, errors, close: () => close() }
}

describe('an answer that is streamed', () => {
  test('begins with what was accepted, and what has happened since', async () => {
    const { frames, names } = await follow()
    expect(names()).toEqual(['accepted', 'job.queued'])
    expect(frames[0]).toBe('event: accepted\ndata: {"reply":"I am on it."}\n\n')
  })

  test('has a note every two minutes in which nothing happens', async () => {
    const { clock, frames, names, tell } = await follow()
    clock.advance(noteEveryMs - 1)
    expect(names()).not.toContain('note')
    clock.advance(1)
    expect(frames.at(-1)).toBe('event: note\ndata: {"text":"Still working on it."}\n\n')
    clock.advance(noteEveryMs)
    tell(eventOf(2, 'job.message'))
    clock.advance(noteEveryMs - 1)
    expect(names()).toEqual(['accepted', 'job.queued', 'note', 'note', 'job.message'])
  })

  test('ends with the whole answer, once, and says nothing more', async () => {
    const { clock, names, tell, ended } = await follow()
    tell(eventOf(2, 'job.succeeded'))
    tell(eventOf(2, 'job.succeeded'))
    await ended
    clock.advance(noteEveryMs)
    expect(names()).toEqual(['accepted', 'job.queued', 'job.succeeded', 'done'])
  })

  test('ends without an answer that cannot be shown', async () => {
    const error = new Error('the database is away')
    const { names, tell, ended, errors } = await follow(() => Promise.reject(error))
    tell(eventOf(2, 'job.failed'))
    await ended
    expect(names().at(-1)).toBe('job.failed')
    expect(errors).toEqual([error])
  })

  test('says nothing to a client that is gone', async () => {
    const { clock, names, close } = await follow()
    close()
    clock.advance(noteEveryMs)
    expect(names()).toEqual(['accepted', 'job.queued'])
  })
})
