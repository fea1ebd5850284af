/** What the mock upstream answers, made once: shapes of the provider's API, sizes of the benchmark's job. */

import { writeStillMovie } from '../../src/sandbox/fixture/still-movie.ts'
import { drawStillPicture } from '../../src/sandbox/fixture/still-picture.ts'

export const movieBytes = 64 * 1024

/** A playable MP4 of exactly 64 KiB: a short still, filled up with a box that players skip. */
export const makeMovie = (): Buffer => {
  const still = writeStillMovie(
    drawStillPicture(320, 180, { luma: 90, blueChroma: 120, redChroma: 140 }),
    5_000,
  )
  const filler = Buffer.alloc(movieBytes - still.length)
  filler.writeUInt32BE(filler.length, 0)
  filler.write('free', 4, 'latin1')
  return Buffer.concat([still, filler])
}

const draftBytes = 2 * 1024

const segment = (no: number) => ({
  id: `sg_v${no}`,
  st: no * 2_500,
  d: 2_500,
  m: {
    title: `city at night, part ${no}`,
    src: `https://cdn.example.test/gen/clip${no}.mp4`,
    in: 0,
    out: 2_500,
  },
})

/** A timeline of two tracks whose JSON takes 2 KiB. */
export const makeDraft = (): object => {
  const draft = {
    d: 10_000,
    m: { title: 'Urban Dreams', width: 1920, height: 1080, notes: '' },
    t: [
      { id: 'trk_v', tt: 0, sg: [0, 1, 2, 3].map(segment) },
      {
        id: 'trk_t',
        tt: 7,
        sg: [{ id: 'sg_t1', st: 0, d: 3_000, m: { text: 'Urban Dreams', color: '#FFFFFF' } }],
      },
    ],
  }
  draft.m.notes = 'n'.repeat(draftBytes - JSON.stringify(draft).length)
  return draft
}

const clip = { file_type: 'video', cdn_url: 'https://cdn.example.test/gen/clip0.mp4', duration: 10 }

export const makeState = (sessionId: string, hasMessage: boolean, draft: object): object => ({
  code: 0,
  data: {
    session_id: sessionId,
    task_id: 'task_1',
    state: {
      draft: hasMessage ? draft : {},
      video_infos: [{ filename: 'street.mp4', ...clip }],
      generated_media: hasMessage ? [{ type: 'video', url: clip.cdn_url, duration: clip.duration }] : [],
      canvas_config: { width: 1920, height: 1080 },
    },
  },
})

const frame = (id: string, part: object): string =>
  `data: ${JSON.stringify({
    content: { parts: [part], role: 'model' },
    invocationId: 'e-0b6e1c3a-5d0f-4b55-9d2c-7a1f00000001',
    author: 'nemo_agent',
    actions: { stateDelta: {}, artifactDelta: {}, requestedAuthConfigs: {} },
    id,
    timestamp: 1774000003.4,
  })}\n\n`

const call = (no: number, name: string) => ({ functionCall: { id: `adk-${no}`, name, args: { op: 'add' } } })
const response = (no: number, name: string) => ({
  functionResponse: { id: `adk-${no}`, name, response: { status: 'success' } },
})

/** A generation in six events: a text, two tools with their results, a final text. */
export const makeStream = (): Buffer =>
  Buffer.from(
    [
      frame('a1', { text: 'Starting the generation now.' }),
      frame('a2', call(1, 'generate_video_with_seedance')),
      frame('a3', response(1, 'generate_video_with_seedance')),
      frame('a4', call(2, 'edit_multitrack')),
      frame('a5', response(2, 'edit_multitrack')),
      frame('a6', { text: 'Done: video, background music and title are on the timeline.' }),
    ].join(''),
  )
