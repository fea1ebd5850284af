/** What the agent says. It believes that its user sits before a web page, so it speaks of buttons and panels. */
interface Prose {
  readonly starting: string
  readonly rawClipDone: (seconds: number) => string
  readonly allDone: string
  readonly generationFailed: string
  readonly editStarting: string
  readonly editDone: string
  readonly nothingToEdit: string
  readonly tweakDone: (grade: string) => string
  readonly whichPart: string
  readonly whatToMake: string
  readonly answer: string
}

const english: Prose = {
  starting: 'Starting the generation now.',
  rawClipDone: (seconds) => `Raw clip finished (${seconds} s). Adding music and a title.`,
  allDone:
    'Done: video, background music and title are on the timeline. Preview it in the timeline, or click Export to save it.',
  generationFailed:
    'The video could not be generated this time. Nothing was charged; please check your account.',
  editStarting: 'On it.',
  editDone: 'Done. Preview the change in the player, or drag the clip edges to fine-tune it.',
  nothingToEdit: 'There was nothing to change there. Open the track panel to see what is on the timeline.',
  tweakDone: (grade) =>
    `I gave the clip a ${grade} look. Adjust it in the editor, or click Export when you like it.`,
  whichPart:
    'Which part of the video should I change, and how strong should it be? Click a clip to select it.',
  whatToMake: 'What should the video show, and in which style? Open the template panel for ideas.',
  answer:
    'I make short videos from words and pictures, and edit them: music, titles, subtitles, length, speed and look. Drag media here, or describe what you want to see.',
}

const chinese: Prose = {
  starting: '现在开始生成。',
  rawClipDone: (seconds) => `原始片段已生成（${seconds} 秒），正在添加音乐和标题。`,
  allDone: '完成：视频、背景音乐和标题都在时间线上。可以在时间线中预览，或点击导出按钮保存。',
  generationFailed: '这次视频没有生成成功，未扣积分，请查看您的账户。',
  editStarting: '好的，正在修改。',
  editDone: '修改完成。可以在播放器中预览，或拖拽片段边缘微调。',
  nothingToEdit: '没有可修改的内容。请打开轨道面板查看时间线。',
  tweakDone: (grade) => `已为片段调整画面风格（${grade}）。可以在编辑器中继续调整，或点击导出。`,
  whichPart: '您想修改视频的哪一部分，程度如何？请点击片段进行选择。',
  whatToMake: '视频想展示什么内容，什么风格？可以打开模板面板找灵感。',
  answer:
    '我可以根据文字和图片制作短视频，并编辑音乐、标题、字幕、时长、速度和画面风格。请把素材拖拽到这里，或直接描述您想看到的画面。',
}

export const proseIn = (language: 'en' | 'zh'): Prose => (language === 'zh' ? chinese : english)

/** The backend noise that may follow a turn which went well. Only its beginning is documented. */
export const trailingNoise = 'I encountered a temporary issue. Please try again.'
