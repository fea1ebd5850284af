import { durationPattern, ratioPatterns, resolutionPattern, splitOutput } from './prompt-format.ts'

const longestTitle = 34
const longestCjkTitle = 14
const smallWords = new Set([
  'a',
  'an',
  'and',
  'at',
  'by',
  'for',
  'from',
  'in',
  'into',
  'of',
  'on',
  'or',
  'over',
  'the',
  'through',
  'to',
  'under',
  'with',
])
const linkWords = new Set([
  ...smallWords,
  'across',
  'along',
  'around',
  'above',
  'below',
  'behind',
  'beneath',
  'near',
  'past',
  'toward',
  'towards',
  'down',
  'up',
  'against',
  'between',
  'during',
  'as',
])

/** Words that ask for a video rather than say what is in it. */
const requestPattern =
  /^(?:please\s+)?(?:(?:can|could) you\s+)?(?:(?:i (?:want|need)|let'?s|we need)\s+)?(?:(?:to\s+)?(?:generate|create|make|render|produce|give|show|animate|turn|build|draw|shoot|film)\b\s*)?(?:me\s+|us\s+)?/i
const framePattern =
  /^(?:(?:an?|the|some|one|this|my|short|long|quick|brief|cinematic|beautiful|stunning|realistic|photorealistic|high[- ]quality|looping|animated|dramatic|epic|slow[- ]motion|hyper[- ]?lapse|time[- ]?lapse|drone|aerial|wide|close[- ]?up|tracking|establishing|vertical|horizontal|square|portrait|hd|4k|ai)\s+)*(?:(?:video|film|movie|animation|clip|shot|footage|scene|sequence|b-roll|reel|timelapse)s?\s+)+(?:clip\s+|shot\s+)?(?:of|about|showing|featuring|with|where|in which|that shows|:)\s+/i
const aboutThePhotoPattern =
  /\b(?:this|the|my|our|these|those)\s+(?:photos?|images?|pictures?|stills?|snapshots?)\b/i
const chineseRequestPattern =
  /^(?:请|帮我|给我|我想要|我要)*(?:生成|制作|创建|做|来|画)?(?:一个|一段|一条|一支|个|段)?(?:关于|有关)?/
const chineseFormatPattern = /(?:竖屏|竖版|竖向|横屏|横版|横向|方形|方屏)(?:的)?/g
const chineseFramePattern = /的?(?:短?视频|短片|影片|片段|动画|镜头)$|^的/

/** A short title in Title Case from the salient words: "City Street at Night". */
export function titleOf(prompt: string): string {
  const words = withoutFormat(splitOutput(prompt).prose)
  if (/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(words)) return chineseTitle(words)
  const clause = firstClause(words)
  const subject = clause
    .replace(requestPattern, '')
    .replace(framePattern, '')
    .replace(/^(?:an?|the|some|my|our)\s+/i, '')
  if (aboutThePhotoPattern.test(clause) || subject.trim() === '') {
    return aboutThePhotoPattern.test(clause) ? 'Photo in Motion' : 'Untitled Clip'
  }
  return titleCase(shorten(subject.split(/\s+/).filter(Boolean)))
}

function withoutFormat(text: string): string {
  const patterns = [
    durationPattern,
    resolutionPattern,
    ...ratioPatterns.slice(0, 10).map(([pattern]) => pattern),
  ]
  return patterns
    .reduce((rest, pattern) => rest.replace(new RegExp(pattern.source, 'gi'), ' '), text)
    .replace(/\b(?:aspect ratio|resolution|(?:for|in|lasting)\s*(?=[.,;]|$))/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function firstClause(text: string): string {
  const clause = text.replace(/^["'“”‘’\s,.:;-]+/, '').split(/[.,;:!?\n–—()[\]"“”]|\s-\s/)[0] ?? ''
  return clause.trim()
}

/** Cuts at the last phrase that still fits: before "with …", "while …", or at a preposition. */
function shorten(words: readonly string[]): string[] {
  const side = words.findIndex(
    (word, index) => index > 1 && /^(?:with|while|as|when|where|that|which|featuring|using|and)$/i.test(word),
  )
  let kept = side > 0 ? words.slice(0, side) : [...words]
  while (kept.join(' ').length > longestTitle && kept.length > 1) {
    const cut = kept.findLastIndex(
      (word, index) => index > 0 && linkWords.has(word.toLowerCase()) && !/^(?:an?|the|of)$/i.test(word),
    )
    kept = cut > 0 && kept.slice(0, cut).join(' ').length >= 6 ? kept.slice(0, cut) : kept.slice(0, -1)
  }
  while (kept.length > 1 && linkWords.has((kept.at(-1) ?? '').toLowerCase())) kept = kept.slice(0, -1)
  return kept
}

function titleCase(words: readonly string[]): string {
  return words
    .map((word, index) => {
      const lower = word.toLowerCase()
      if (index > 0 && smallWords.has(lower)) return lower
      return /[A-Z]/.test(word.slice(1))
        ? word
        : lower.replace(/(^|-)(\p{L})/gu, (match) => match.toUpperCase())
    })
    .join(' ')
}

function chineseTitle(text: string): string {
  const clauses = text
    .replace(chineseFormatPattern, '')
    .split(/[，。、；：！？,.;:!?\s]/)
    .filter((part) => part.length > 1)
  const subjects = clauses.map((clause) =>
    clause.replace(chineseRequestPattern, '').replace(chineseFramePattern, ''),
  )
  const subject = subjects.find((part) => part.length > 1) ?? clauses[0] ?? text
  return [...subject].slice(0, longestCjkTitle).join('')
}
