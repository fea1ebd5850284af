/** The video that a job made. It is read by a signed link, because a player sends no headers. */
import { addressOf, path } from './api.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import type { Page } from './page.ts'
import type { Artifact, Job } from './shapes.ts'
import { toBytes } from './words.ts'

const linkTtlS = 3_600

export interface Player {
  readonly element: HTMLElement
  update(job: Job): void
}

export const createPlayer = (page: Page): Player => {
  const element = make('div', { class: 'player' })
  element.hidden = true
  let shownId: string | null = null
  return {
    element,
    update({ id, artifact }) {
      if (artifact === null || artifact.id === shownId) return
      shownId = artifact.id
      element.hidden = false
      void load(element, () => open(page, id, artifact))
    },
  }
}

const open = async ({ api }: Page, jobId: string, artifact: Artifact): Promise<Node> => {
  const { url } = await api.send<{ url: string }>('POST', path`v1/artifacts/${artifact.id}/links`, {
    body: { ttl_s: linkTtlS },
  })
  // The link names the public address of the service; this page may have come by another one.
  const source = `${path`v1/artifacts/${artifact.id}/content`}${new URL(url).search}`
  const video = make('video', {
    controls: true,
    playsinline: true,
    preload: 'metadata',
    'aria-label': 'The video of this job',
    width: artifact.width,
    height: artifact.height,
  })
  video.src = addressOf(source)
  const hint = make('p', { class: 'quiet' }, 'This browser cannot play the file here. Download it to see it.')
  hint.hidden = true
  video.addEventListener('error', () => {
    video.hidden = true
    hint.hidden = false
  })
  return make(
    'figure',
    {},
    video,
    hint,
    make(
      'figcaption',
      {},
      make(
        'a',
        { class: 'button', href: source, download: `${jobId}.mp4` },
        `Download (${toBytes(artifact.size_bytes)})`,
      ),
    ),
  )
}
