import { extname } from 'node:path'

export type FileType = 'video' | 'image' | 'audio'

interface MediaType {
  readonly fileType: FileType
  readonly contentType: string
}

/** Everything that the provider accepts, by extension; all else is code 4001. */
const mediaTypes: Readonly<Record<string, MediaType>> = {
  mp4: { fileType: 'video', contentType: 'video/mp4' },
  mov: { fileType: 'video', contentType: 'video/quicktime' },
  avi: { fileType: 'video', contentType: 'video/x-msvideo' },
  webm: { fileType: 'video', contentType: 'video/webm' },
  mkv: { fileType: 'video', contentType: 'video/x-matroska' },
  jpg: { fileType: 'image', contentType: 'image/jpeg' },
  jpeg: { fileType: 'image', contentType: 'image/jpeg' },
  png: { fileType: 'image', contentType: 'image/png' },
  gif: { fileType: 'image', contentType: 'image/gif' },
  webp: { fileType: 'image', contentType: 'image/webp' },
  mp3: { fileType: 'audio', contentType: 'audio/mpeg' },
  wav: { fileType: 'audio', contentType: 'audio/wav' },
  m4a: { fileType: 'audio', contentType: 'audio/mp4' },
  aac: { fileType: 'audio', contentType: 'audio/aac' },
}

/** The type of a file name, or null when the provider does not take such files. */
export const mediaTypeOf = (filename: string): (MediaType & { readonly extension: string }) | null => {
  const extension = extname(filename).slice(1).toLowerCase()
  const type = Object.hasOwn(mediaTypes, extension) ? mediaTypes[extension] : undefined
  return type === undefined ? null : { ...type, extension }
}

/** The extension that a content type stands for: the name of a URL often has none. */
export const extensionFor = (contentType: string): string | null => {
  const wanted = contentType.split(';')[0]?.trim().toLowerCase()
  return Object.entries(mediaTypes).find(([, type]) => type.contentType === wanted)?.[0] ?? null
}
