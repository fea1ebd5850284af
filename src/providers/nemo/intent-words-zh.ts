import type { Action } from './intent-words.ts'

/** As `intent-words.ts`, for Chinese, which has no spaces: regular expressions that must match a whole message. */
const our =
  '(?:我的|我们的|这个|这段|这条|这部|那个|最终|最终的|最后的|完整|完整的|整个|成品|当前|当前的|现在的)?'
const film = '(?:视频|視頻|影片|成片|片子|短片|作品|文件|成品|mp4|MP4|结果|结果文件|项目|它)'
const subtitle = '(?:字幕|字幕文件|srt|vtt|webvtt|srt字幕|vtt字幕|srt文件|vtt文件|srt字幕文件|vtt字幕文件)'
const textFormat = '(?:(?:为|成|成为)?(?:srt|vtt|webvtt)(?:格式|文件)?)?'
const fetch = '(?:导出|導出|匯出|下载|下載|保存|输出|获取|提取|导出并下载)'
const outcome = '(?:出来|下来|来)?'
const place = '(?:到本地|到手机|到电脑|到相册|到我的手机|到我的电脑)?'
const look = '(?:查|查看|查一下|查询|看|看看|看一下|看下|显示|显示一下|告诉我)?'
const money = '(?:积分|積分|余额|餘額|点数|额度)'
/** What is done here to a draft or a file, and how it may have turned out. */
const act =
  '(?:导出|導出|匯出|下载|下載|保存|输出|渲染|生成|合成|制作|剪辑|处理|提取|发送|发|传给|做|弄|剪|存)'
const turnedOut = '(?:出来|下来|上去|来|好|完|成功|完成|完毕|失败|给我)?'
const whatWasDone = `(?:一下)?${our}(?:${film}|${subtitle})?${place}`
const asked = '(?:吗|嗎|么|没|没有|呢|嘛|不)'
const whether = '(?:有没有|是否|是不是)'
/** Before a question or a statement about what was done. */
const before = `(?:(?:把|将|从|你|您|我|帮我|都|已|已经|刚才|刚刚|现在|${whether}|正在|还在|在|可以|能|要|该|${our}${film}|字幕){0,5})`
const tracks = '(?:轨道|时间线|时间轴|轨道列表)'

export const chinesePhrases: Readonly<Record<Action, readonly string[]>> = {
  subtitles: [
    `${fetch}(?:一下)?${our}${subtitle}${textFormat}${place}`,
    `(?:把|将)${our}${subtitle}${fetch}${outcome}${textFormat}`,
    `(?:srt|vtt|webvtt)(?:字幕|文件|格式|字幕文件)`,
    '字幕文件',
    `(?:把|将)?${our}字幕(?:文件)?(?:发|发送)给我`,
  ],
  export: [
    `${fetch}(?:一下|出来|下来)?${our}${film}?${place}`,
    // A go-ahead, which is said of what is about to be done.
    `(?:我|我们|你)?(?:可以|该|要|想|能)${fetch}${our}${film}?了`,
    `${fetch}(?:一下)?${our}带字幕的${film}`,
    `(?:带字幕)${fetch}${outcome}`,
    `(?:把|将)?${our}${film}${fetch}${outcome}${place}`,
    `(?:把|将)?${our}${film}(?:发|发送|传)给我`,
    '发给我',
    `(?:开始|执行|点击)导出`,
    '导出按钮',
  ],
  credits: [
    `${look}(?:我的|我|账户|帐户|当前|目前|剩余|可用|剩余的)*${money}(?:余额|情况)?`,
    `${look}(?:我的|我|账户|目前|现在)*(?:还有|还剩|剩|剩下|有|还剩下)?(?:多少|几个)${money}`,
    `(?:我的|我|账户|目前|现在)*${money}(?:还有|还剩|剩|剩下|是|有)?(?:多少|几个|够|够不够|够用)`,
    `(?:我|账户|目前|现在)*(?:还)?有${money}`,
    '还剩多少',
  ],
  status: [
    `${look}(?:一下)?(?:我的|当前|目前|现在的|项目|视频|任务|渲染|导出)*(?:的)?(?:状态|狀態|进度|進度)(?:怎么样|如何)?`,
    `${look}(?:一下)?(?:我的|当前|目前|现在的|所有)*${tracks}`,
    '(?:现在|目前)?(?:什么样了|什么样子了|怎么样了|是什么样子|做到哪了|到哪一步了)',
    `${our}(?:${film})?(?:做好|做完|完成|好|弄好|生成好)了(?:没|没有)?`,
    // Was it done (导出了吗), is it (导出吗), it was (导出了), it was not (还没导出): questions and statements, no requests.
    `${before}${act}${turnedOut}(?:了|过|啦)${whatWasDone}${asked}?`,
    `${before}${act}${turnedOut}${whatWasDone}(?:了|啦)${asked}?`,
    `${before}(?:${fetch}|渲染|发给我|上传|上傳)${turnedOut}(?:了|过)?${whatWasDone}(?:了)?${asked}`,
    `${before}${act}(?:成功|完成|完毕|失败)`,
    `${before}${whether}${act}${turnedOut}${whatWasDone}`,
    `(?:怎么|为什么)?${before}(?:还)?(?:没|没有)(?:${act}${turnedOut}${whatWasDone}|好|完|完成)${asked}?`,
    `${our}(?:${film}|字幕)(?:呢|在哪|在哪里|在哪儿|去哪了|到哪了)`,
    `(?:大概)?(?:还)?(?:要|需要)?(?:等)?(?:多久|多长时间|什么时候|啥时候|何时)(?:才)?(?:能|可以|会)?(?:${act})?(?:好|完|完成|出来)?`,
    '(?:里面|现在)有(?:什么|些什么|哪些内容)',
  ],
  upload: [
    '(?:上传|上傳)(?:一下)?(?:一个|一段|一张|一些|几张|我的|这个|新的|自己的)*(?:视频|視頻|文件|图片|照片|素材|音频|音乐|片段)?',
    '(?:文件|附件|视频|图片|照片)(?:已|已经)?(?:附上|上传|发送|在附件)',
    '(?:见|看)?附件',
    '怎么上传(?:视频|文件|图片|照片|素材)?',
  ],
}

export const chineseOpenings: readonly string[] = [
  '请问',
  '請問',
  '请',
  '請',
  '你好',
  '麻烦你',
  '麻烦',
  '帮我',
  '幫我',
  '帮忙',
  '给我',
  '我想要',
  '我想',
  '我要',
  '现在',
  '可以',
  '可不可以',
  '可否',
  '能不能',
  '能否',
  '能',
  '你',
  '您',
  '可以了',
  '好了',
  '好的',
  '好',
  '那就',
  '那',
  '直接',
  '然后',
]

export const chineseClosings: readonly string[] = [
  '谢谢你',
  '谢谢',
  '好吗',
  '好嗎',
  '可以吗',
  '可以嗎',
  '行吗',
  '一下',
  '给我',
  '吧',
  '啊',
  '呀',
]

/** Ends of questions and statements. */
export const chineseParticles: readonly string[] = ['了', '吗', '嗎', '么', '呢', '啦']

/** A question that asks to do something, as "can you …?" does: 可以导出吗, 帮我导出吗. */
export const politeQuestion =
  /^(?:好的?|那就?|你好|你|您|我|现在|请问|請問)*(?:可以|可不可以|可否|能|麻烦|帮|幫|请(?!问)|請(?!問)|给我)/
