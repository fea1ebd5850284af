/**
 * The file types a skill can take, by the short name that the skills themselves advertise. Everything here can reach
 * the provider: most types as they are (the provider's own list, upstream-protocol.md §2.5), text as words of the
 * message, and HEIC as a JPEG made from it (§7, traps).
 */
export const inputTypes = {
  mp4: { kind: 'video', contentTypes: ['video/mp4'], extensions: ['mp4'], sentAs: 'file' },
  mov: { kind: 'video', contentTypes: ['video/quicktime'], extensions: ['mov'], sentAs: 'file' },
  avi: { kind: 'video', contentTypes: ['video/x-msvideo'], extensions: ['avi'], sentAs: 'file' },
  webm: { kind: 'video', contentTypes: ['video/webm'], extensions: ['webm'], sentAs: 'file' },
  mkv: { kind: 'video', contentTypes: ['video/x-matroska'], extensions: ['mkv'], sentAs: 'file' },
  jpg: { kind: 'image', contentTypes: ['image/jpeg'], extensions: ['jpg', 'jpeg'], sentAs: 'file' },
  png: { kind: 'image', contentTypes: ['image/png'], extensions: ['png'], sentAs: 'file' },
  gif: { kind: 'image', contentTypes: ['image/gif'], extensions: ['gif'], sentAs: 'file' },
  webp: { kind: 'image', contentTypes: ['image/webp'], extensions: ['webp'], sentAs: 'file' },
  heic: {
    kind: 'image',
    contentTypes: ['image/heic', 'image/heif'],
    extensions: ['heic', 'heif'],
    sentAs: 'jpeg',
  },
  mp3: { kind: 'audio', contentTypes: ['audio/mpeg'], extensions: ['mp3'], sentAs: 'file' },
  wav: { kind: 'audio', contentTypes: ['audio/wav'], extensions: ['wav'], sentAs: 'file' },
  m4a: { kind: 'audio', contentTypes: ['audio/mp4'], extensions: ['m4a'], sentAs: 'file' },
  aac: { kind: 'audio', contentTypes: ['audio/aac'], extensions: ['aac'], sentAs: 'file' },
  txt: { kind: 'text', contentTypes: ['text/plain'], extensions: ['txt'], sentAs: 'prompt_text' },
} as const satisfies Record<string, InputType>

export type InputTypeName = keyof typeof inputTypes

export type InputKind = 'video' | 'image' | 'audio' | 'text'

export interface InputType {
  readonly kind: InputKind
  readonly contentTypes: readonly string[]
  /** Lower case, without the dot. */
  readonly extensions: readonly string[]
  /** What of it goes to the provider: the file, a JPEG made from it, or its words at the end of the prompt. */
  readonly sentAs: 'file' | 'jpeg' | 'prompt_text'
}

/** The input type of a content type, or null when nothing that can be sent has it. */
export const findInputType = (contentType: string): (InputType & { readonly name: InputTypeName }) | null => {
  for (const [name, type] of Object.entries(inputTypes) as [InputTypeName, InputType][])
    if (type.contentTypes.includes(contentType)) return { name, ...type }
  return null
}
