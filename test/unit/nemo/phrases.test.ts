import { describe, expect, it } from 'vitest'
import { translatePhrases } from '../../../src/providers/nemo/phrases.ts'

describe('English phrases', () => {
  it.each([
    [
      'Your 10 s clip is on track 1. Drag the edge to trim it, then click Export.',
      'Your 10 s clip is on track 1. Tell me how to trim it, or say *export*.',
    ],
    [
      'Your clip is ready. Preview it in the Timeline, or click Export to save it.',
      'Your clip is ready. Say *status* to see the tracks, or say *export* to save it.',
    ],
    ['Click the Export button in the top-right corner to download.', 'Say *export* to download.'],
    ['Use the "Export" button.', 'Say *export*.'],
    ['You will find the Export button there.', 'You will find the word *export* there.'],
    ['Open the effects panel to see them.', 'Say *status* to see them.'],
    ['Open the File menu.', 'Say *status*.'],
    ['You can drag the clip to reorder it.', 'You can tell me how to reorder it.'],
    ['Drag and drop your clips onto the timeline.', 'Tell me what to move and where.'],
    ['Move the clip to the left.', 'Tell me what to move and where.'],
    ['Preview in player.', 'Say *status* to see the tracks.'],
    ['Check your account.', 'Say *credits*.'],
    ['Please check account/billing.', 'Please say *credits*.'],
    ['Go to settings.', 'Say *status*.'],
    ['Check the dashboard.', 'Say *status*.'],
    ['Arrange clips as you like.', 'Tell me how to arrange the clips.'],
    ['You can adjust it in the editor.', 'You can tell me what to change.'],
    ['Open the subtitle panel to fix a caption.', 'Say *export srt* to fix a caption.'],
    ['Drag subtitle timing to match.', 'Tell me the new timing of the subtitles to match.'],
    ['Adjust timing in the timeline.', 'Tell me the new timing.'],
    ['Click Burn to finish.', 'Tell me to burn in the subtitles to finish.'],
    ['Open timeline.', 'Say *status*.'],
    ['Drag clip to the start.', 'Tell me what to move and where.'],
    ['Drop here.', 'Tell me where it goes.'],
    ['Click "Apply Filter" to use it.', 'Ask me for “Apply Filter” to use it.'],
    ['Click the Undo button.', 'Ask me for “Undo”.'],
    ['Click here to see more.', 'Ask me to see more.'],
    ['Click Export, then click Export.', 'Say *export*.'],
    ['Then click [Export] now.', 'Then say *export* now.'],
    ['Click "Export".', 'Say *export*.'],
    ['Click **Export** to save it.', 'Say *export* to save it.'],
    ['Click Export settings.', 'Ask me for “Export settings”.'],
    ['Press the Export key.', 'Say *export*.'],
    [
      'Drag media here, or describe what you want to see.',
      'Upload files or send their URLs, or describe what you want to see.',
    ],
    ['**Drag media here**, or say more.', '**Upload files or send their URLs**, or say more.'],
    ['Drag files here', 'Upload files or send their URLs'],
    ['Drag and drop your photos here to upload them.', 'Upload your photos or send their URLs.'],
    ['Drop a video into this window.', 'Upload a video or send its URL.'],
    ['You can also drag and drop files.', 'You can also upload files or send their URLs.'],
    ['- Drag your images onto the page', '- Upload your images or send their URLs'],
    ['Click the Upload button to add a photo.', 'Upload a file or send its URL to add a photo.'],
    ['Click to upload.', 'Upload a file or send its URL.'],
    ['Drop your logo here or click to upload.', 'Upload your logo or send its URL.'],
    ['Drag a file from your computer into the media panel.', 'Upload a file or send its URL.'],
    ['Drag the playhead to 5 s.', 'Tell me what to move and where.'],
    ['Right-click the clip', 'Tell me what to do with the clip'],
    ['Right-click the clip and choose Delete.', 'Ask me for “Delete” on the clip.'],
    ['Double-click the title to edit it.', 'Tell me how to edit the title.'],
    ['Which part? Click a clip to select it.', 'Which part? Tell me which clip you mean.'],
    ['Which style? Open the template panel for ideas.', 'Which style? Ask me for ideas.'],
    ['Click [Add Music] to go on.', 'Ask me for “Add Music” to go on.'],
    ['Tap Save now.', 'Ask me for “Save” now.'],
  ])('%s → %s', (text, translated) => {
    expect(translatePhrases(text, 'en')).toBe(translated)
  })
})

describe('Chinese phrases', () => {
  it.each([
    ['点击导出按钮', '说“导出”'],
    ['视频已完成，点击“导出”保存。', '视频已完成，说“导出”保存。'],
    ['点击右上角的导出', '说“导出”'],
    ['点击 Export 按钮', '说“导出”'],
    ['请使用导出按钮', '请说“导出”'],
    ['打开字幕面板查看。', '说“导出字幕”查看。'],
    ['打开时间线面板', '说“状态”'],
    ['打开特效面板', '说“状态”'],
    ['拖拽边缘来裁剪片段。', '告诉我如何裁剪片段。'],
    ['你可以拖动片段', '你可以告诉我要移动什么、移到哪里'],
    ['在时间线中预览，然后点击导出。', '说“状态”查看轨道，然后说“导出”。'],
    ['查看账户余额', '说“积分”'],
    ['前往设置页面', '说“状态”'],
    ['在编辑器中调整', '告诉我要改什么'],
    ['点击「应用」按钮即可。', '对我说“应用”即可。'],
    ['请点击【导出】。', '请说“导出”。'],
    ['按下导出键', '说“导出”'],
    ['请把素材拖拽到这里', '请上传素材或发送其网址'],
    ['请把素材拖拽到这里，或直接描述您想看到的画面。', '请上传素材或发送其网址，或直接描述您想看到的画面。'],
    ['将文件拖到此处', '上传文件或发送其网址'],
    ['将文件拖到此处上传', '上传文件或发送其网址'],
    ['拖放文件到这里', '上传文件或发送其网址'],
    ['点击上传按钮', '上传文件或发送其网址'],
    ['把照片拖入时间线', '对我说“把照片加到时间线”'],
    ['把片段拖拽到开头', '对我说“把片段移到开头”'],
    ['您可以将片段拖到结尾来调整顺序。', '您可以对我说“把片段移到结尾”来调整顺序。'],
    ['可以在播放器中预览，或拖拽片段边缘微调。', '可以说“状态”查看轨道，或告诉我如何微调。'],
    ['可以在编辑器中继续调整，或点击导出。', '可以告诉我要改什么，或说“导出”。'],
    ['请点击片段进行选择。', '请告诉我是哪个片段。'],
    ['可以打开模板面板找灵感。', '可以问我要灵感。'],
    ['拖动片段并点击导出', '告诉我要移动什么、移到哪里并说“导出”'],
    ['双击标题进行编辑。', '告诉我要怎么编辑标题。'],
    ['长按片段即可删除。', '告诉我要怎么删除片段。'],
    ['右键点击片段。', '告诉我要怎么处理片段。'],
  ])('%s → %s', (text, translated) => {
    expect(translatePhrases(text, 'zh-CN')).toBe(translated)
  })
})

describe('translatePhrases', () => {
  it.each([
    'The hero clicks a glowing button and the door opens.',
    'A woman drags a suitcase through the rain.',
    'The video shows an exported crate; drag racing cars pass by.',
    'I added a scene with a preview of the timeline of history.',
    'She can open the editor’s door.',
    'The scene: open the door and drop the bag here.',
    'Done: video, background music and title are on the timeline.',
    'Raw clip finished (10 s). Adding music and a title.',
    '已生成 10 秒的城市夜景，并添加了背景音乐。',
    '她按下按钮，门开了。',
    '他把箱子拖进屋里，门关上了。',
    '一个男人拖动沉重的行李箱走过雨中。',
    '可以选择导出格式。',
    '点击导出设置。',
    'Click a thumbnail you like.',
    'Press the big red button.',
    'Click the play button to watch it.',
    '从素材库拖拽片段到时间线。',
    '双击标题后会看到光标。',
    '点击播放按钮预览。',
    'He can drop the bag here.',
    '',
  ])('leaves content as it is: %j', (text) => {
    expect(translatePhrases(text, 'en')).toBe(text)
    expect(translatePhrases(text, 'zh')).toBe(text)
  })

  it('gives the words to say in the language of the reader, whatever the agent speaks', () => {
    expect(translatePhrases('Click Export.', 'zh-CN')).toBe('Say *导出*.')
    expect(translatePhrases('点击导出', 'en')).toBe('说“export”')
    expect(translatePhrases('Click Export.', 'ja')).toBe('Say *export*.')
  })

  it('drops its own marks from the text of the agent', () => {
    expect(translatePhrases('a\uE000b\uE001 click Export', 'en')).toBe('ab click Export')
  })

  it('is done with hostile texts at once', () => {
    const texts = [
      ' '.repeat(200_000),
      'drag the '.repeat(20_000),
      'click '.repeat(30_000),
      '点击'.repeat(60_000),
      '把片段拖到'.repeat(20_000),
      '请拖拽'.repeat(30_000),
      'right-click the '.repeat(10_000),
    ]
    for (const text of texts) expect(translatePhrases(text, 'en').length).toBeGreaterThan(0)
  })
})
