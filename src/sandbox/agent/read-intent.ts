/** What a message asks for, before anything is planned. */
export type Intent = 'text' | 'generation' | 'edit'

const again =
  /\b(?:regenerate|re-?do|start over|try again|another (?:video|clip|one|version)|new (?:video|clip)|different (?:video|clip))\b|重新生成|重做|再来一个|换一个视频/i
const makeVideo =
  /\b(?:generate|create|make|produce)\b[^.!?\n]{0,40}\b(?:video|clip|film|movie|animation)\b|(?:生成|制作|做)[^。！？\n]{0,20}(?:视频|短片|动画)/i
/** A ratio cannot be edited: the picture is made anew. */
const otherRatio =
  /\b(?:vertical|portrait|landscape|widescreen|square)\b|\b(?:16:9|9:16|1:1|4:5|4:3|3:4|21:9)\b|竖屏|横屏|方形/i
/** "make the video shorter" speaks of the video at hand. */
const thisVideo = /\b(?:the|this|my) (?:video|clip|film|movie)\b|(?:这个|当前)(?:视频|短片)/i

/** What lies beyond is not read, so that no text can keep the patterns busy. */
const readableLength = 2000

/**
 * Routes a message. An empty one and one that ends with a question mark get words only; the first other message of a
 * session generates; later ones edit, unless they ask for a new clip or for another aspect ratio.
 */
export const readIntent = (text: string, hasDraft: boolean): Intent => {
  const trimmed = text.trim()
  if (!/[\p{L}\p{N}]/u.test(trimmed) || /[?？]["”')）]?$/.test(trimmed)) return 'text'
  if (!hasDraft) return 'generation'
  const readable = trimmed.slice(0, readableLength)
  if (again.test(readable) || otherRatio.test(readable)) return 'generation'
  return makeVideo.test(readable) && !thisVideo.test(readable) ? 'generation' : 'edit'
}
