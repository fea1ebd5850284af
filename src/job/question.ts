/**
 * Does a provider that made nothing wait for an answer (`awaiting_input`), or did it merely say so
 * (`generation_failed`; api.md §1)? Pure, and made for English and Chinese.
 */

/** How much of the end of a message is looked at: it ends with what it wants. */
const lengthOfEnd = 1_000

/**
 * A question, a request for input, or words in doubt: those of another language, or none. False only for a plain
 * statement, such as "The video could not be generated this time."
 */
export const asksForInput = (words: string | null): boolean => {
  const end = (words ?? '').slice(-lengthOfEnd).replace(/https?:\/\/\S+/g, ' ')
  if (questionMark.test(end)) return true
  if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(end)) return true
  if (/\p{Script=Han}/u.test(end)) return chineseRequests.some((request) => request.test(end))
  return !englishWords.test(end) || englishRequests.some((request) => request.test(end))
}

/** Of every script that has one. */
const questionMark = /[?？؟\u037E՞፧⸮⁇⁈⁉︖﹖¿❓❔]/u

/** Words that hardly any other language has. */
const englishWords =
  /\b(?:the|this|that|could|would|cannot|can't|couldn't|wasn't|nothing|unable|failed|sorry|your|done|been|with|and)\b/i

/** Where an English clause begins that tells somebody to do something. */
const clause =
  '(?:^|[.!:;,\\n(*_-]\\s*|\\b(?:please|kindly|just|or|and|then|first|also|you|me|must|should)\\s+)'
const give =
  '(?:tell|describe|provide|upload|attach|choose|select|pick|specify|send|share|show|give|name|clarify|confirm|explain|answer|reply|respond|enter|type|add|let me know|ask me)'

const englishRequests: readonly RegExp[] = [
  new RegExp(`${clause}${give}\\b`, 'i'),
  // Whatever else is asked for politely, but what is said of any failure.
  /\b(?:please|kindly) (?!(?:(?:check|try|retry|wait|contact|note|see|top up|upgrade|refresh|accept|come back|be|stand by|bear)\b|say \*))/i,
  /\bI(?:'d|’d| would)?(?: still| also)? (?:need|require|want to know|would like to know|wonder)\b/i,
  /\b(?:more|further) (?:details?|information|input)\b/i,
  /\b(?:could|can|would|will) you\b/i,
  // A question without its mark.
  /(?:^|[.!:;\n])\s*(?:which|what|who|where|when|how|do you|would you|shall|should|is it|are there)\b/i,
]

const chineseRequests: readonly RegExp[] = [
  /[吗嗎呢](?:[。！!.\s]|$)/,
  /[哪谁誰]|什么|什麼|多少|怎样|怎樣|怎么样|几种|几个|是否|要不要|需不需要|还是.{1,12}呢/,
  /(?:告诉|告訴)我|(?:需要|希望|想要|想|可以)(?:由)?[您你]|[您你](?:需要|希望|想要?|打算)|描述|说明|選擇|选择|指定|补充|提供/,
  // Whatever else is asked for politely, but what is said of any failure.
  /[请請](?!查看|检查|檢查|核对|稍|重试|重試|再试|再次尝试|再|重新|联系|聯繫|充值|注意|放心|谅解|諒解|见谅|原谅|等|耐心|刷新|升级|登录|知悉|参阅|说[“"])/,
]
