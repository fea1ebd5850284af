import type { SessionMedia } from '../provider.ts'
import { findFileName } from './draft.ts'
import { findId, findNumber, findText, firstFound, isRecord, type JsonRecord } from './json.ts'

/**
 * The media files in a list of the provider's: `files`, `video_infos` or `generated_media`. Its type is not documented
 * beyond "array or object" (upstream-protocol.md §2.5, §2.7): an object is one file or files by name.
 */
export const readMediaList = (list: unknown): SessionMedia[] => {
  if (Array.isArray(list)) return list.flatMap((entry) => findMedia(entry, null))
  if (!isRecord(list)) return []
  if (isMedia(list)) return findMedia(list, null)
  return Object.entries(list).flatMap(([name, entry]) =>
    Array.isArray(entry) ? readMediaList(entry) : findMedia(entry, name),
  )
}

/** All lists as one, each file once: a generated clip is listed among the uploads too. */
export const mergeMedia = (...lists: readonly SessionMedia[][]): SessionMedia[] => {
  const byUrl = new Map<string, SessionMedia>()
  const merged: SessionMedia[] = []
  for (const media of lists.flat()) {
    if (media.url !== null && byUrl.has(media.url)) continue
    if (media.url !== null) byUrl.set(media.url, media)
    merged.push(media)
  }
  return merged
}

const urlsOf = (entry: JsonRecord): readonly unknown[] => [entry['cdn_url'], entry['url'], entry['src']]

const isMedia = (entry: JsonRecord): boolean =>
  firstFound([...urlsOf(entry), entry['filename'], entry['hash']], findText) !== null

const findMedia = (entry: unknown, name: string | null): SessionMedia[] => {
  if (typeof entry === 'string') return findMedia({ url: entry }, name)
  if (!isRecord(entry)) return []
  const url = firstFound(urlsOf(entry), findText)
  const names = [entry['filename'], entry['file_name'], entry['name'], name]
  return [
    {
      filename: firstFound(names, findText) ?? findFileName(url),
      kind: firstFound([entry['file_type'], entry['type'], entry['media_type']], findText),
      url,
      hash: firstFound([entry['hash'], entry['sha256'], entry['md5']], findId),
      durationMs: toMilliseconds(findNumber(entry['duration'])),
      width: findNumber(entry['width']),
      height: findNumber(entry['height']),
    },
  ]
}

/** Media durations are seconds, unlike everything in a draft. */
const toMilliseconds = (seconds: number | null): number | null =>
  seconds === null || seconds < 0 ? null : Math.round(seconds * 1000)
