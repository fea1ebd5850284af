import { randomUUID } from 'node:crypto'
import { type Media, mediaUrl } from '../media/media.ts'
import { planClip } from '../render/clip-plan.ts'
import { oneOf, wholeBetween } from '../seeded-chance.ts'
import { draftOf, type Segment } from '../session-state.ts'
import type { TurnStep } from '../turn.ts'
import { applyOperation } from './apply-operation.ts'
import type { LookOperation, Operation } from './operation.ts'
import type { PlanRequest } from './plan-request.ts'
import { proseIn } from './prose.ts'
import { readEdits } from './read-edits.ts'
import { segmentsOf } from './timeline.ts'

/** So many edits end without a word: tool events, then the end of the stream. */
const silentShare = 0.3
const imageMs = 3000
const grades = ['warm', 'cool', 'cinematic', 'vintage', 'high-contrast', 'soft'] as const

/** An edit of the draft at hand: what was recognized, the media that wait, else a recorded change of the look. */
export const planEdit = (request: PlanRequest): readonly TurnStep[] => {
  const operations = request.faults.isNoop ? [] : operationsFor(request)
  const doneAtMs = wholeBetween(request.chance('edit'), 10_000, 30_000)
  const call = { callId: `adk-${randomUUID()}`, name: 'edit_multitrack' }
  const args = { op: operations[0]?.op ?? 'review' }
  const silent = isSilent(request)
  const say = (atMs: number, text: string): readonly TurnStep[] =>
    silent ? [] : [{ atMs, events: [{ kind: 'text', text }] }]
  return [
    ...say(1000, proseIn(request.language).editStarting),
    { atMs: 2000, events: [{ kind: 'toolCall', ...call, args }] },
    {
      atMs: doneAtMs,
      events: [{ kind: 'toolResult', ...call, response: { status: 'success' } }],
      operations,
    },
    ...say(doneAtMs + 1500, closingWords(request, operations)),
  ]
}

const isSilent = ({ faults, chance }: PlanRequest): boolean =>
  faults.silence === null ? chance('silence') < silentShare : faults.silence === 'always'

const operationsFor = (request: PlanRequest): readonly Operation[] => {
  const operations = [
    ...readEdits(request.text).map((operation) => spoken(request, operation)),
    ...useMedia(request),
  ]
  return operations.length > 0 ? operations : [tweak(request)]
}

/** Subtitles need words: the sandbox hears none, so it takes them from what the clip was asked to show. */
const spoken = ({ session }: PlanRequest, operation: Operation): Operation => {
  if (operation.op !== 'add_subtitles') return operation
  const words = session.prompt.trim().split(/\s+/).slice(0, 24)
  const lines = Array.from({ length: Math.ceil(words.length / 8) }, (_, line) =>
    words.slice(line * 8, line * 8 + 8).join(' '),
  )
  return { op: 'add_subtitles', lines }
}

const useMedia = ({ unusedMedia }: PlanRequest): readonly Operation[] => {
  const pictures = unusedMedia.filter((media) => media.fileType !== 'audio')
  const audio = unusedMedia.find((media) => media.fileType === 'audio')
  return [
    ...(pictures.length > 0 ? [{ op: 'append_clips' as const, segments: pictures.map(mediaSegment) }] : []),
    ...(audio === undefined
      ? []
      : [{ op: 'set_music' as const, label: audio.filename, src: mediaUrl(audio) }]),
  ]
}

const mediaSegment = (media: Media): Omit<Segment, 'id' | 'st'> => {
  const lengthMs = media.shape.durationS === undefined ? imageMs : Math.round(media.shape.durationS * 1000)
  return { d: lengthMs, m: { title: media.filename, src: mediaUrl(media), in: 0, out: lengthMs } }
}

/** Draws the same clip again with the request in mind: "at night" makes it night. */
const tweak = ({ text, session, state, chance }: PlanRequest): LookOperation => {
  const request = text.trim().slice(0, 120)
  const draft = draftOf(state)
  const scene =
    draft === null ? undefined : segmentsOf(draft, 'video').find((segment) => segment.m.scene)?.m.scene
  return {
    op: 'tweak',
    request,
    grade: oneOf(chance('grade'), grades),
    scene:
      scene === undefined ? null : { ...planClip(`${session.prompt}. ${request}`).scene, seed: scene.seed },
  }
}

const closingWords = (request: PlanRequest, operations: readonly Operation[]): string => {
  const prose = proseIn(request.language)
  const [first] = operations
  if (first === undefined) return prose.editDone
  if (first.op === 'tweak') return prose.tweakDone(first.grade)
  const after = operations.reduce(applyOperation, request.state)
  return JSON.stringify(after) === JSON.stringify(request.state) ? prose.nothingToEdit : prose.editDone
}
