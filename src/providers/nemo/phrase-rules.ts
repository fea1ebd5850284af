import type { PhraseRule } from './phrases.ts'

/** Instructions stand at the start of a clause; elsewhere the same words tell a story ("she clicks the button"). */
const clause =
  '(?<=^|[.!?:;,(\\n–—-]\\s{0,3}|\\b(?:then|and|or|please|just|simply|now|can|could|may|should|to|also|either)\\s{1,3})'
const the = '(?:the |your |its |an? )?'
/** What an instruction names, up to the end of its clause. */
const named = '[^.,;:!?\\n\\uE000\\uE001]'
const openQuote = '["“*\'‘`]?'
const closeQuote = '["”*\'’`]?'

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

const askFor: PhraseRule['wording'] = (_say, [name = '']) =>
  /^here$/i.test(name) ? 'ask me' : `ask me for “${name}”`

/** The particular before the general (upstream-protocol.md §6.2). */
export const englishPhraseRules: readonly PhraseRule[] = [
  rule(
    `${press}${the}${openQuote}(?:export|download)${closeQuote}(?: (?:button|icon|option))?${corner}\\b(?! (?:settings|format|preset|quality))`,
    (say) => `say ${say('export')}`,
  ),
  rule(
    `${press}${the}${openQuote}burn${closeQuote}(?: button| ${captions})?\\b`,
    () => 'tell me to burn in the subtitles',
  ),
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
    `(?:drag|drag and drop|move) ${handle}${named}{0,60}? to ((?!the |your |an? |track |another |where |it\\b)${named}{2,60})`,
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
    `(?:open|expand|look at|check|see|view|go to) ${the}${openQuote}(?:\\w+ ){0,3}?${panel}${closeQuote}`,
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
    `(?:click|tap|press|hit)(?: on)? ${the}${openQuote}(${named}{1,40}?)${closeQuote} (?:button|icon|option|tab)\\b`,
    askFor,
  ),
  rule(`(?:click|tap)(?: on)? ${the}["“*]([^"”*\\n]{1,40})["”*]`, askFor),
  rule(`(?:click|tap)(?: on)? (${named}{1,40}?)(?= to | and |[.,;:!?\\n]|$)`, askFor),
  { pattern: /\b[Tt]he ["“*]?Export["”*]? button\b/g, wording: (say) => `the word ${say('export')}` },
]
