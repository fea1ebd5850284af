export type MediaKind = 'image' | 'video' | 'audio' | 'text'

/**
 * Every type that is recognized by its content. The extensions are those the provider takes for it, the usual one
 * first (upstream-protocol.md §2.5); HEIC, HEIF, AVIF and text never reach it as files.
 */
export const contentTypes = {
  'image/jpeg': { kind: 'image', extensions: ['jpg', 'jpeg'] },
  'image/png': { kind: 'image', extensions: ['png'] },
  'image/gif': { kind: 'image', extensions: ['gif'] },
  'image/webp': { kind: 'image', extensions: ['webp'] },
  'image/heic': { kind: 'image', extensions: ['heic'] },
  'image/heif': { kind: 'image', extensions: ['heif'] },
  'image/avif': { kind: 'image', extensions: ['avif'] },
  'video/mp4': { kind: 'video', extensions: ['mp4'] },
  'video/quicktime': { kind: 'video', extensions: ['mov'] },
  'video/webm': { kind: 'video', extensions: ['webm'] },
  'video/x-matroska': { kind: 'video', extensions: ['mkv'] },
  'video/x-msvideo': { kind: 'video', extensions: ['avi'] },
  'audio/mpeg': { kind: 'audio', extensions: ['mp3'] },
  'audio/wav': { kind: 'audio', extensions: ['wav'] },
  'audio/mp4': { kind: 'audio', extensions: ['m4a'] },
  'audio/aac': { kind: 'audio', extensions: ['aac'] },
  'text/plain': { kind: 'text', extensions: ['txt'] },
} as const satisfies Record<string, { kind: MediaKind; extensions: readonly [string, ...string[]] }>

export type ContentType = keyof typeof contentTypes

export const kindOf = (contentType: ContentType): MediaKind => contentTypes[contentType].kind
