import { randomUUID } from 'node:crypto'
import { type Clip, clipUrl } from '../clips.ts'
import { type Media, mediaUrl } from '../media/media.ts'
import { type ClipPlan, planClip } from '../render/clip-plan.ts'
import { wholeBetween } from '../seeded-chance.ts'
import type { Canvas, Draft, Segment } from '../session-state.ts'
import type { TurnStep } from '../turn.ts'
import { defaultMusicStyle, findMusicStyle, musicOperation } from './music-styles.ts'
import type { GenerationOperation, MusicOperation, Operation } from './operation.ts'
import type { PlanRequest } from './plan-request.ts'
import { proseIn } from './prose.ts'
import { layEndToEnd, lengthOf } from './timeline.ts'

const tool = 'generate_video_with_seedance'
const shortestImageMs = 1500

interface PlannedGeneration {
  readonly steps: readonly TurnStep[]
  readonly clips: readonly Clip[]
}

/**
 * A generation in two stages: the raw clip, and after about 15 s the music and the title. Uploaded videos go onto
 * the timeline as they are, uploaded images become one generated clip; without either the words are drawn.
 */
export const planGeneration = (request: PlanRequest, prompt: string): PlannedGeneration => {
  const plan = planClip(prompt)
  const { placement, clips } = placeMaterial(request, plan, prompt)
  const rawAtMs = wholeBetween(request.chance('generation'), 100_000, 300_000)
  const call = { callId: `adk-${randomUUID()}`, name: tool }
  const prose = proseIn(request.language)
  const started: readonly TurnStep[] = [
    { atMs: 1500, events: [{ kind: 'text', text: prose.starting }] },
    { atMs: 2500, events: [{ kind: 'toolCall', ...call, args: toolArguments(plan, prompt) }] },
  ]
  if (request.faults.isGenerationRefused) {
    const response = { status: 'error', error: 'the video model refused the request' }
    return {
      clips: [],
      steps: [
        ...started,
        { atMs: rawAtMs, events: [{ kind: 'toolResult', ...call, response }] },
        { atMs: rawAtMs + 1500, events: [{ kind: 'text', text: prose.generationFailed }] },
      ],
    }
  }
  const seconds = Math.round(lengthOf(layEndToEnd(placement.segments)) / 100) / 10
  const response = {
    status: 'success',
    url: placement.generated[0]?.url ?? placement.segments[0]?.m.src ?? null,
  }
  const stateDelta = { generated_media: placement.generated }
  return {
    clips,
    steps: [
      ...started,
      {
        atMs: rawAtMs,
        events: [{ kind: 'toolResult', ...call, response, stateDelta }],
        operations: [placement],
      },
      { atMs: rawAtMs + 1500, events: [{ kind: 'text', text: prose.rawClipDone(seconds) }] },
      ...postProduction(request, plan.title, rawAtMs + 1500),
    ],
  }
}

const postProduction = (request: PlanRequest, title: string, rawAtMs: number): readonly TurnStep[] => {
  const call = { callId: `adk-${randomUUID()}`, name: 'edit_multitrack' }
  const operations: readonly Operation[] = [musicFor(request), { op: 'set_title', text: title }]
  return [
    { atMs: rawAtMs + 2000, events: [{ kind: 'toolCall', ...call, args: { op: 'add_tracks' } }] },
    {
      atMs: rawAtMs + 15_000,
      events: [{ kind: 'toolResult', ...call, response: { status: 'success' } }],
      operations,
    },
    { atMs: rawAtMs + 17_500, events: [{ kind: 'text', text: proseIn(request.language).allDone }] },
  ]
}

const musicFor = ({ text, unusedMedia }: PlanRequest): MusicOperation => {
  const uploaded = unusedMedia.find((media) => media.fileType === 'audio')
  return uploaded === undefined
    ? musicOperation(findMusicStyle(text) ?? defaultMusicStyle)
    : { op: 'set_music', label: uploaded.filename, src: mediaUrl(uploaded) }
}

const toolArguments = (plan: ClipPlan, prompt: string) => ({
  prompt,
  duration: plan.durationMs / 1000,
  ratio: plan.ratio,
})

const placeMaterial = (
  { unusedMedia }: PlanRequest,
  plan: ClipPlan,
  prompt: string,
): { readonly placement: GenerationOperation; readonly clips: readonly Clip[] } => {
  const videos = unusedMedia.filter((media) => media.fileType === 'video')
  const images = unusedMedia.filter((media) => media.fileType === 'image')
  const canvas: Canvas = { width: plan.width, height: plan.height, ratio: plan.ratio }
  const isDrawn = videos.length === 0 || images.length > 0
  const clip = isDrawn ? newClip(plan, images) : null
  const segments = [
    ...(clip === null ? [] : [clipSegment(clip, plan, images.length === 0, prompt)]),
    ...videos.map((media) => videoSegment(media, plan)),
  ]
  const url = clip === null ? null : clipUrl(clip.id)
  const seconds = plan.durationMs / 1000
  return {
    clips: clip === null ? [] : [clip],
    placement: {
      op: 'place_clips',
      title: plan.title,
      canvas,
      segments,
      infos: url === null || clip === null ? [] : [generatedInfo(clip.id, url, plan)],
      generated: url === null ? [] : [{ type: 'video', url, duration: seconds }],
    },
  }
}

const newClip = (plan: ClipPlan, images: readonly Media[]): Clip => {
  const eachMs = Math.max(shortestImageMs, Math.round(plan.durationMs / Math.max(1, images.length)))
  const pictures: readonly Omit<Segment, 'id' | 'st'>[] =
    images.length === 0
      ? [{ d: plan.durationMs, m: { title: plan.title, scene: plan.scene } }]
      : images.map((media) => ({ d: eachMs, m: { title: media.filename, src: mediaUrl(media) } }))
  const segments = layEndToEnd(pictures)
  const draft: Draft = {
    d: lengthOf(segments),
    m: { title: plan.title, width: plan.width, height: plan.height },
    t: [{ id: 'trk_v', tt: 0, sg: segments }],
  }
  return { id: `clip_${randomUUID().replaceAll('-', '').slice(0, 16)}`, draft, movie: null }
}

const clipSegment = (
  clip: Clip,
  plan: ClipPlan,
  isScene: boolean,
  prompt: string,
): Omit<Segment, 'id' | 'st'> => ({
  d: clip.draft.d,
  m: {
    title: prompt.trim().slice(0, 60),
    src: clipUrl(clip.id),
    ...(isScene && { scene: plan.scene }),
    width: plan.width,
    height: plan.height,
    in: 0,
    out: clip.draft.d,
  },
})

const videoSegment = (media: Media, plan: ClipPlan): Omit<Segment, 'id' | 'st'> => {
  const lengthMs = Math.round((media.shape.durationS ?? plan.durationMs / 1000) * 1000)
  return { d: lengthMs, m: { title: media.filename, src: mediaUrl(media), in: 0, out: lengthMs } }
}

const generatedInfo = (clipId: string, url: string, plan: ClipPlan) => ({
  filename: `${clipId}.mp4`,
  file_type: 'video' as const,
  cdn_url: url,
  duration: plan.durationMs / 1000,
  width: plan.width,
  height: plan.height,
  fps: 30,
})
