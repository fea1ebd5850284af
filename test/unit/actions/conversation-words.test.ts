import { describe, expect, test } from 'vitest'
import { type ReplyingJob, replyOfJob, tongueOf, wordsIn } from '../../../src/actions/conversation-words.ts'
import { failureCodes } from '../../../src/job/failure.ts'

const timeline = 'Timeline (1 track): 1. Video: fox (0-5s)'
const jobOf = (job: Partial<ReplyingJob> = {}): ReplyingJob => ({
  purpose: 'message',
  state: 'succeeded',
  message: null,
  timeline,
  warnings: [],
  failure: null,
  artifact: null,
  inputs: [],
  ...job,
})

describe('the language of a reply', () => {
  test.each([
    ['zh', 'make it shorter', 'zh'],
    ['zh-CN', 'make it shorter', 'zh'],
    ['en', '缩短一点', 'en'],
    ['ja', '短くして', 'en'],
    [null, '缩短一点', 'zh'],
    [null, 'make it shorter', 'en'],
    [null, '', 'en'],
  ])('of a conversation in %j to %j is %s', (language, words, tongue) => {
    expect(tongueOf(language, words)).toBe(tongue)
  })
})

describe('the reply of a job', () => {
  test('is what the provider said', () => {
    expect(replyOfJob(jobOf({ message: 'It is shorter now.' }), 'en')).toBe('It is shorter now.')
  })

  test('is what the draft holds now, after a turn without words', () => {
    expect(replyOfJob(jobOf(), 'en')).toBe(`Done. ${timeline}`)
    expect(replyOfJob(jobOf({ timeline: null }), 'zh')).toBe('完成。')
  })

  test('says so when nothing was changed either', () => {
    const warnings = [{ code: 'message_changed_nothing', message: 'the message left the draft as it was' }]
    expect(replyOfJob(jobOf({ warnings }), 'en')).toBe(`Nothing was changed. ${timeline}`)
  })

  test.each([
    ['message', 'I am on it.'],
    ['upload', 'Taking the files.'],
    ['export', 'Exporting an MP4.'],
    ['video', 'I am on it.'],
  ] as const)('is that something is done while a job of purpose %s has not ended', (purpose, words) => {
    expect(replyOfJob(jobOf({ purpose, state: 'running' }), 'en')).toBe(words)
  })

  test('counts the files that were handed over', () => {
    const input = { upload_id: 'upl_1' }
    const job = jobOf({ purpose: 'upload', inputs: [input, input] })
    expect(replyOfJob(job, 'en')).toBe('2 files are there. Say what to do with them.')
    expect(replyOfJob(job, 'zh')).toBe('已收到 2 个文件。请说明要怎么处理。')
  })

  test('tells what was rendered', () => {
    const artifact = {
      id: 'art_1',
      contentType: 'video/mp4',
      sizeBytes: 9,
      sha256: '',
      width: 1080,
      height: 1920,
      durationS: 5,
      videoCodec: null,
      audioCodec: null,
      expiresAt: null,
    }
    const exported = jobOf({ purpose: 'export', artifact })
    expect(replyOfJob(exported, 'en')).toBe('Your video is ready: 1080×1920, 5.0 s.')
    expect(replyOfJob({ ...exported, artifact: { ...artifact, width: null } }, 'zh')).toBe(
      '视频已准备好：5.0 s。',
    )
    expect(replyOfJob({ ...exported, artifact: null }, 'en')).toBe('Your video is ready.')
  })

  test('tells why it failed, and what a person can do', () => {
    const failure = { code: 'render_failed', message: 'the render failed.', stage: 'render' } as const
    const failed = jobOf({ state: 'failed', failure })
    expect(replyOfJob(failed, 'en')).toBe(
      'That did not work: the render failed. Redrive from export: rendering costs no credits.',
    )
    expect(replyOfJob({ ...failed, failure: { ...failure, message: null } }, 'en')).toContain(
      'The provider could not render the draft',
    )
    expect(replyOfJob(jobOf({ state: 'canceled' }), 'zh')).toBe('已取消。')
  })

  test('tells so in Chinese, and quotes what was said in another language', () => {
    const failure = { code: 'render_failed', message: 'the render failed.', stage: 'render' } as const
    const failed = jobOf({ state: 'failed', failure })
    expect(replyOfJob(failed, 'zh')).toBe(
      '没有成功：服务商无法渲染草稿（“the render failed”）。请从 export 重新执行（redrive）：渲染不消耗积分。',
    )
    for (const code of failureCodes) {
      const reply = replyOfJob({ ...failed, failure: { ...failure, code, message: null } }, 'zh')
      expect(reply).toMatch(/^没有成功：[^“”]*\p{Script=Han}[^“”]*。[^“”]*\p{Script=Han}[^“”]*。$/u)
    }
  })
})

test('credits that are held by work under way are told apart', () => {
  const credits = { available: 60, frozen: 40, total: 100 }
  expect(wordsIn('en').credits(credits)).toBe('60 credits are available, and 40 are held by work under way.')
  expect(wordsIn('zh').credits({ ...credits, frozen: 0 })).toBe('可用积分 60。')
})
