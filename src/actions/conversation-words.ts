/** What a conversation answers in words (api.md §2), in the two languages in which its messages are routed: pure. */
import { type FailureCode, failureCatalog } from '../job/failure.ts'
import { isFinished } from '../job/lifecycle.ts'
import type { Credits } from '../providers/provider.ts'
import type { JobRecord } from '../store/job-record.ts'
import { chineseFailures } from './failure-words.ts'

export type Tongue = 'en' | 'zh'

/** The language of a conversation; where none was chosen, that of the words. */
export const tongueOf = (language: string | null, words: string): Tongue => {
  if (language !== null) return /^zh(?![a-z])/i.test(language) ? 'zh' : 'en'
  return /\p{Script=Han}/u.test(words) ? 'zh' : 'en'
}

const phrasebook = {
  en: {
    queued: 'There is something before it in this conversation; it comes next.',
    working: { message: 'I am on it.', upload: 'Taking the files.', export: 'Exporting an MP4.' },
    done: 'Done.',
    unchanged: 'Nothing was changed.',
    uploaded: (count: number) =>
      `${count} ${count === 1 ? 'file is' : 'files are'} there. Say what to do with ${count === 1 ? 'it' : 'them'}.`,
    exported: (facts: string) => `Your video is ready${facts === '' ? '' : `: ${facts}`}.`,
    failed: (code: FailureCode, said: string | null) => {
      const { title, hint } = failureCatalog[code]
      return `That did not work: ${said ?? title}. ${hint}`
    },
    canceled: 'Canceled.',
    credits: ({ available, frozen }: Credits) =>
      `${available} credits are available${frozen > 0 ? `, and ${frozen} are held by work under way` : ''}.`,
    nothingYet: 'Nothing is made yet. Say what the video should show.',
    nothingToExport: 'There is nothing to export yet. Say what the video should show.',
    stillWorking: 'Still working on it.',
    busy: 'A message is being worked on.',
    howToUpload: 'Send a message with inputs: files of POST /v1/uploads, or URLs.',
    subtitles: (format: string) => `Here are the texts as ${format}.`,
    noSubtitles: 'There is no text in the timeline. Ask for subtitles first.',
  },
  zh: {
    queued: '这个对话里还有前面的请求，完成后就处理这一条。',
    working: { message: '正在处理。', upload: '正在接收文件。', export: '正在导出 MP4。' },
    done: '完成。',
    unchanged: '没有任何改动。',
    uploaded: (count: number) => `已收到 ${count} 个文件。请说明要怎么处理。`,
    exported: (facts: string) => `视频已准备好${facts === '' ? '' : `：${facts}`}。`,
    // What was said is in the language of whoever said it.
    failed: (code: FailureCode, said: string | null) => {
      const { title, hint } = chineseFailures[code]
      return `没有成功：${title}${said === null ? '' : `（“${said}”）`}。${hint}`
    },
    canceled: '已取消。',
    credits: ({ available, frozen }: Credits) =>
      `可用积分 ${available}${frozen > 0 ? `，进行中的任务占用 ${frozen}` : ''}。`,
    nothingYet: '还没有内容。请描述想要的视频。',
    nothingToExport: '还没有可导出的内容。请描述想要的视频。',
    stillWorking: '仍在处理中。',
    busy: '有一条消息正在处理。',
    howToUpload: '请发送带 inputs 的消息：POST /v1/uploads 的文件，或网址。',
    subtitles: (format: string) => `这是 ${format} 格式的字幕。`,
    noSubtitles: '时间线里没有文字。请先要求添加字幕。',
  },
} as const

export const wordsIn = (tongue: Tongue) => phrasebook[tongue]

/** As much of a job as its reply is made of. */
export type ReplyingJob = Pick<
  JobRecord,
  'purpose' | 'state' | 'message' | 'timeline' | 'warnings' | 'failure' | 'artifact' | 'inputs'
>

/** What a job says in its conversation. A turn without words, which happens, is told by what the draft holds now. */
export const replyOfJob = (job: ReplyingJob, tongue: Tongue): string => {
  const words = wordsIn(tongue)
  if (!isFinished(job.state))
    return words.working[job.purpose === 'upload' || job.purpose === 'export' ? job.purpose : 'message']
  switch (job.state) {
    case 'succeeded':
      return replyOfSuccess(job, tongue)
    case 'failed':
      return replyOfFailure(job, tongue)
    case 'canceled':
      return words.canceled
  }
}

const replyOfSuccess = (job: ReplyingJob, tongue: Tongue): string => {
  const words = wordsIn(tongue)
  const { purpose, artifact, inputs } = job
  switch (purpose) {
    case 'upload':
      return words.uploaded(inputs.length)
    case 'video':
    case 'export':
      return words.exported(factsOf(artifact))
    case 'message':
      return job.message ?? replyOfSilence(job, tongue)
  }
}

const replyOfSilence = ({ timeline, warnings }: ReplyingJob, tongue: Tongue): string => {
  const { done, unchanged } = wordsIn(tongue)
  const isUnchanged = warnings.some(({ code }) => code === 'message_changed_nothing')
  return [isUnchanged ? unchanged : done, ...(timeline === null ? [] : [timeline])].join(' ')
}

const factsOf = (artifact: JobRecord['artifact']): string => {
  if (artifact === null) return ''
  const { width, height, durationS } = artifact
  return [
    ...(width === null || height === null ? [] : [`${width}×${height}`]),
    `${durationS.toFixed(1)} s`,
  ].join(', ')
}

const replyOfFailure = ({ failure }: ReplyingJob, tongue: Tongue): string => {
  if (failure === null) return wordsIn(tongue).canceled
  return wordsIn(tongue).failed(failure.code, failure.message?.replace(/[.。]$/, '') ?? null)
}
