import type { PhraseRule } from './phrases.ts'

/**
 * Instructions stand at the start of a clause, of an item of a list or of bold text; elsewhere the same words tell a
 * story ("she clicks the button").
 */
const clause =
  '(?<=^|[.!?:;,(\\n–—]\\s{0,3}|(?:^|\\s)[-•*]\\s{1,3}|(?:^|[\\s(])\\*\\*|\\b(?:then|and|or|please|just|simply|now|can|could|may|should|to|also|either)\\s{1,3})'
const the = '(?:the |your |its |an? )?'
/** What an instruction names, up to the end of its clause. */
const named = '[^.,;:!?\\n\\uE000\\uE001]'
/** Where what an instruction names ends. */
const end = '(?= (?:to|and|or|now|then|when|if|once|in|on|at|for|below|above)\\b|[.,;:!?)*\\n]|$)'
const opening = '["“‘\'`\\[【]'
const closing = '["”’\'`\\]】]'
/** A label in quotes, brackets or stars, or as it is. */
const quoted = (label: string): string =>
  `(?:\\*{1,2}${label}\\*{1,2}|${opening}${label}${closing}|${label}(?!\\w|${closing}))`
/** What stands on a button: in quotes, or with a capital letter. */
const label = `(\\*{1,2}[^*\\n]{1,40}\\*{1,2}|${opening}[^"“”\\[\\]【】\\n]{1,40}${closing}|(?-i:[A-Z])[^.,;:!?\\n\\[\\]"“”\\uE000\\uE001]{0,39}?)`

const press = '(?:click|tap|press|hit|select|choose|use)(?: on)? '
const corner = '(?: (?:in|at|on) the (?:top|upper|bottom)(?:[- ](?:right|left))?(?: corner)?)?'
const captions = '(?:subtitles?|captions?)'
const panel = "(?:panel|menu|tab|window|sidebar|timeline|track list|library|editor)(?!['’])\\b"
const player = '(?:timeline|player|preview panel|preview window|editor|preview)\\b'
/** What can be dragged on a timeline; a drag race is none of it. */
const handle =
  '(?:(?:the|your|it|them|this|that|its|any|each|an?) ?|clips?\\b|segments?\\b|tracks?\\b|edges?\\b)'
const media = '(?:clips?|files?|videos?|media|images?|photos?|audio|tracks?)'

const rule = (source: string, wording: PhraseRule['wording']): PhraseRule => ({
  pattern: new RegExp(`${clause}(?:${source})`, 'gi'),
  wording,
})

/** What is dragged onto a page to upload it, and where it is dropped; a clip is on the timeline already. */
const file =
  '(?:media(?: files?)?|(?:(?:video|audio|image|media|photo) )?files?|photos?|images?|pictures?|videos?|footage|audio|music|songs?|logos?|assets?)'
const files = `((?:(?:the|your|some|an?|any|more|new|these|those|one or more) )?(?:own )?${file}(?:(?: and |/| or )${file})?)`
const dropPlace =
  '(?:(?:in |right |over )?here|(?:into|onto|on|to|in) (?:this|the) (?:upload |drop |chat |browser )?(?:area|window|page|box|chat|zone|browser|conversation|field|media library|media panel))'
const fromDisk = '(?: from (?:your|the) (?:computer|desktop|device|phone|laptop|disk|gallery))?'
const toUpload =
  '(?: to upload(?: (?:it|them))?)?(?:,? or (?:click|tap)(?: here)? (?:to )?(?:upload|browse)(?: (?:it|them|files))?)?'

const uploadOne = 'upload a file or send its URL'

const uploadFiles: PhraseRule['wording'] = (_say, [named = '']) => {
  const thing = /^media$/i.test(named) ? 'files' : named
  return `upload ${thing} or send ${/(?:s|media)$/i.test(thing) ? 'their URLs' : 'its URL'}`
}

/** Clicks that open a menu, and what they are made on. */
const pointAt =
  '(?:right|double|left|ctrl|control|shift|long)[- ]?(?:click|tap|press)(?: on)? ((?:the|your|an?|any|each|that|this) '
const aims = /\b(?:it|them)\b/

const askFor: PhraseRule['wording'] = (_say, [name = '']) =>
  `ask me for “${name.replace(/^["“‘'`[【*]+|["”’'`\]】*]+$/g, '')}”`

/** The particular before the general (upstream-protocol.md §6.2). */
export const englishPhraseRules: readonly PhraseRule[] = [
  rule(
    `${press}${the}${quoted('(?:export|download)')}(?: (?:button|icon|option|key))?${corner}(?! (?:settings|format|preset|quality))`,
    (say) => `say ${say('export')}`,
  ),
  rule(`${press}${the}${quoted('burn')}(?: button| ${captions})?`, () => 'tell me to burn in the subtitles'),
  rule(`open ${the}${captions} ${panel}`, (say) => `say ${say('subtitles')}`),
  rule(
    `drag ${the}${captions}(?: timing)?\\b(?: (?:in|on) ${the}timeline)?`,
    () => 'tell me the new timing of the subtitles',
  ),
  rule(
    `adjust ${the}(?:${captions} )?timings? (?:in|on) ${the}(?:timeline|editor)`,
    () => 'tell me the new timing',
  ),
  rule(
    `(?:drag(?: and drop| & drop|-and-drop)?|drop) ${files}${fromDisk} ${dropPlace}${toUpload}${end}`,
    uploadFiles,
  ),
  rule(
    `(?:drag(?: and drop| & drop|-and-drop)?|drop) ${files} to upload(?: (?:it|them))?${end}`,
    uploadFiles,
  ),
  rule(`drag(?: and drop| & drop|-and-drop) ${files}(?=[.,;:!?)*\\n]|$| or )`, uploadFiles),
  rule(
    `(?:click|tap)(?: here)? to (?:upload|browse)(?: (?:an? |your )?(?:files?|media))?${end}`,
    () => uploadOne,
  ),
  rule(
    `(?:click|tap|press|hit|use)(?: on)? ${the}${quoted('upload')}(?: (?:button|icon|option|area))?${corner}${end}`,
    () => uploadOne,
  ),
  rule(
    `${pointAt}${named}{1,40}?),? (?:and|then|and then) (?:choose|select|pick|click|press|tap)(?: on)? ${label}${end}`,
    (say, [object = '', name = '']) => `${askFor(say, [name])} on ${object}`,
  ),
  rule(
    `${pointAt}${named}{1,40}?) to (${named}{2,60})`,
    (_say, [object = '', aim = '']) => `tell me how to ${aim.replace(aims, object)}`,
  ),
  rule(`${pointAt}${named}{1,40}?)${end}`, (_say, [object]) => `tell me what to do with ${object}`),
  rule(
    `(?:click|tap)(?: on)? (?:the|your|an?|any) (clip|segment|track|part|scene|photo|image|title)(?: (?:in|on) the (?:timeline|preview|player))? to (?:select|choose|pick)(?: it| one)?\\b`,
    (_say, [thing]) => `tell me which ${thing} you mean`,
  ),
  rule(
    `(?:drag|drag and drop|move) ${handle}${named}{0,60}? to ((?!the |your |an? |track |another |where |it\\b|start|end|beginning|left|right|top|bottom|\\d)${named}{2,60})`,
    (_say, [aim]) => `tell me how to ${aim}`,
  ),
  rule(
    `(?:drag(?: and drop| & drop|-and-drop) ${named}{1,80}|drag ${handle}${named}{0,80})`,
    () => 'tell me what to move and where',
  ),
  rule(`drop (?:(?:it|them|${the}${media}) )?here\\b`, () => 'tell me where it goes'),
  rule(
    `move ${the}(?:clip|track|segment|slider|playhead|handle|edge)s?\\b(?: ${named}{1,60})?`,
    () => 'tell me what to move and where',
  ),
  rule(
    `preview ${named}{0,40}?(?:in|on|with|using) ${the}${player}`,
    (say) => `say ${say('status')} to see the tracks`,
  ),
  rule(
    `(?:open|browse|see|check|go to) ${the}(?:\\w+ ){0,3}?(?:panel|menu|tab|library|gallery) for (?:some |more )?(ideas|inspiration)\\b`,
    (_say, [thing]) => `ask me for ${thing}`,
  ),
  rule(
    `(?:open|expand|look at|check|see|view|go to) ${the}${quoted(`(?:\\w+ ){0,3}?${panel}`)}`,
    (say) => `say ${say('status')}`,
  ),
  rule(
    `(?:check|open|visit|see|view|go to) ${the}(?:account|billing|credits?|balance|subscription)(?:(?:/| and | & )(?:billing|account|credits|balance))?(?: (?:page|settings|balance|section|details))?\\b`,
    (say) => `say ${say('credits')}`,
  ),
  rule(
    `(?:go to|open|check|visit|see) ${the}(?:settings|dashboard|profile|preferences)(?:(?:/| and | or )(?:the )?(?:settings|dashboard))?(?: (?:page|panel|menu))?\\b`,
    (say) => `say ${say('status')}`,
  ),
  rule(`arrange ${the}clips?\\b${named}{0,40}`, () => 'tell me how to arrange the clips'),
  rule(
    `(?:adjust|edit|change|tweak|fine-tune) ${named}{0,40}?(?:in|with|using) ${the}(?:editor|timeline|inspector|properties panel)\\b`,
    () => 'tell me what to change',
  ),
  rule(
    `(?:click|tap|press|hit)(?: on)? ${the}(?:${label}|(?!play |pause )(\\w+)) (?:button|icon|option|tab)\\b`,
    (say, [name, word]) => askFor(say, [name || word || '']),
  ),
  rule(`(?:click|tap)(?: on)? here(?= to )`, () => 'ask me'),
  rule(`(?:click|tap)(?: on)? ${the}${label}${end}`, askFor),
  { pattern: /\b[Tt]he ["“*]?Export["”*]? button\b/g, wording: (say) => `the word ${say('export')}` },
]
