/** What a failure is called, and what a person can do about it, in Chinese: as the catalog says it in English. */
import type { FailureCode } from '../job/failure.ts'

export interface FailureWords {
  readonly title: string
  readonly hint: string
}

export const chineseFailures: Readonly<Record<FailureCode, FailureWords>> = {
  invalid_input: { title: '任务无法按所给内容执行', hint: '请修改后重新提交。' },
  unsupported_media_type: {
    title: '服务商不接受这种类型的文件',
    hint: '请使用 mp4、mov、avi、webm、mkv、jpg、png、gif、webp、mp3、wav、m4a 或 aac。',
  },
  media_too_large: { title: '媒体文件太大', hint: '请压缩或剪短文件，或使用上限更高的技能。' },
  input_unreachable: { title: '无法获取输入的网址', hint: '请确认网址是公开的，并且直接返回文件本身。' },
  provider_auth_failed: {
    title: '服务商拒绝了凭证',
    hint: '请检查 NEMO_TOKEN 或租户的服务商账号，然后重新执行（redrive）该任务。',
  },
  provider_session_lost: {
    title: '服务商已不再保留这个会话',
    hint: '会话中生成的内容已丢失。重新执行（redrive）会新建会话并再次生成；对话需要重新开始。',
  },
  out_of_credits: {
    title: '服务商账号的积分已用完',
    hint: '请充值或注册账号，然后重新执行（redrive）该任务。',
  },
  export_not_allowed: {
    title: '服务商拒绝了导出',
    hint: '这与套餐或来源标头有关，与积分无关：请升级套餐，然后从 export 重新执行（redrive）。',
  },
  provider_rate_limited: {
    title: '服务商正在限制请求频率',
    hint: '请稍候再重新执行（redrive）；如果经常发生，请降低租户的并发数。',
  },
  provider_unavailable: {
    title: '无法连接服务商，或服务商返回了错误',
    hint: '请在服务商恢复后重新执行（redrive）。',
  },
  provider_rejected: { title: '服务商拒绝了请求', hint: '请阅读说明；同样的请求会再次被拒绝。' },
  generation_failed: {
    title: '服务商报告生成失败',
    hint: '请修改提示词或重新执行（redrive）；重新执行会再次生成并消耗积分。',
  },
  generation_timeout: {
    title: '生成没有按时完成',
    hint: '重新执行（redrive）会先查看会话，只有带 accept_cost 才会再次生成。',
  },
  generation_outcome_unknown: {
    title: '消息已发送，但无法确定是否已执行',
    hint: '可能已消耗积分。请查看服务商的会话，然后带 accept_cost 重新执行（redrive）。',
  },
  awaiting_input: { title: '服务商没有生成，而是提出了问题', hint: '请阅读问题，并发送能回答它的消息。' },
  draft_not_exportable: {
    title: '草稿里没有可导出的内容',
    hint: '请发送能生成片段的提示词，或从 generate 重新执行（redrive）。',
  },
  render_failed: {
    title: '服务商无法渲染草稿',
    hint: '请从 export 重新执行（redrive）：渲染不消耗积分。',
  },
  render_timeout: {
    title: '渲染没有按时完成',
    hint: '请从 render 重新执行（redrive）：会再次查看同一个渲染，不消耗积分。',
  },
  artifact_invalid: {
    title: '服务商给出的文件不是可播放的视频',
    hint: '请从 export 重新执行（redrive）以再次渲染，不消耗积分。',
  },
  storage_failed: {
    title: '无法保存生成的文件',
    hint: '请释放空间或修复存储，然后从 deliver 重新执行（redrive）。',
  },
  budget_exceeded: {
    title: '任务的花费会超出预算',
    hint: '请提高租户的 max_credits_per_day，或等到第二天，然后重新执行（redrive）。任务或批次自身的上限不变：请用更高的上限重新提交。',
  },
  deadline_exceeded: {
    title: '任务没有在截止时间前完成',
    hint: '请用更晚的 deadline_s 提交，或重新执行（redrive）。',
  },
  start_deadline_exceeded: {
    title: '任务没有在开始期限前开始',
    hint: '请用更晚的 start_deadline_s 提交，或提高并发数。',
  },
  canceled: { title: '任务已取消', hint: '如果仍然需要，请重新提交。' },
  internal: {
    title: 'Clipline 内部出错',
    hint: '请重新执行（redrive）该任务；如果再次失败，请附上任务编号反馈。',
  },
}
