import { musicUrl } from '../media/music-library.ts'
import type { MusicOperation } from './operation.ts'

/** The music library: how people ask for a style, and its name on the timeline. */
const styles: readonly { readonly pattern: RegExp; readonly label: string }[] = [
  { pattern: /lo-?fi|低保真/i, label: 'Lo-fi' },
  { pattern: /jazz|爵士/i, label: 'Jazz' },
  { pattern: /piano|钢琴/i, label: 'Piano' },
  { pattern: /epic|史诗/i, label: 'Epic' },
  { pattern: /cinematic|orchestr|电影/i, label: 'Cinematic' },
  { pattern: /ambient|calm|relax|氛围|舒缓/i, label: 'Ambient' },
  { pattern: /electronic|synth|techno|电子/i, label: 'Electronic' },
  { pattern: /rock|guitar|摇滚/i, label: 'Rock' },
  { pattern: /acoustic|folk|民谣/i, label: 'Acoustic' },
  { pattern: /upbeat|happy|energetic|欢快|轻快/i, label: 'Upbeat' },
]

/** What somebody gets who asks for music and nothing more. */
const unnamedStyle = 'Background music'

/** Everything that the library holds. */
export const musicStyles: readonly string[] = [...styles.map(({ label }) => label), unnamedStyle]

/** What a generation gets when nobody asked for anything else. */
export const defaultMusicStyle = 'Ambient'

export const findMusicStyle = (text: string): string | null =>
  styles.find(({ pattern }) => pattern.test(text))?.label ?? null

/** Lays a style of the library under the clip. */
export const musicOperation = (label: string | null): MusicOperation => {
  const style = label ?? unnamedStyle
  return { op: 'set_music', label: style, src: musicUrl(style) }
}
