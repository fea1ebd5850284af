import type { PhraseRule } from './phrases.ts'

const ends = '，。；：！？、,.;!?\\n'
const marks = '“”「」『』【】\\[\\]"'
/** What an instruction names, up to the end of its clause. */
const named = `[^${ends}${marks}\\uE000\\uE001]`
const quote = '[“「『"【\\[]'
const unquote = '[”」』"】\\]]'
const quoted = (label: string): string => `(?:${quote}${label}${unquote}|${label})`
const corner = '(?:右上角|左上角|右下角|上方|下方|右侧|顶部|页面)?(?:的)?'
/** Where an instruction may begin; elsewhere the same words tell a story (她拖动箱子). */
const clause = `(?<=^|[${ends}（(\\s*]|可以|请|請|或|并|再|然后|还能|也能|直接|[您你]|只需|需要|要|试着|尝试|通过|能)`
/** The words that lead from what is done to what it is for. */
const inOrder = '(?:来|以便|以|就可以|就能|即可|即能)'

const rule = (source: string, wording: PhraseRule['wording']): PhraseRule => ({
  pattern: new RegExp(source, 'gi'),
  wording,
})

const askFor: PhraseRule['wording'] = (_say, [name]) => `对我说“${name}”`

const click = '(?:点击|单击|点按|点选|轻触|轻点)(?:一下)?\\s*'
const press = '(?:按下|按一下|按|选择|使用)\\s*'
const button = '\\s*(?:按钮|图标|选项|按键|键)'
const pointAt = '(?:右键(?:点击|单击)?|右击|双击|长按)'
const timeline = '(?:时间线|时间轴|编辑器)'
const drag = '(?:拖拽|拖动|拖放|拖|拉)'
const take = '(?:把|将|將)'
/** What is dragged onto a page to upload it, and where it is dropped. */
const files = `((?:[您你]的|新的?|更多的?|本地的?|一个|一张|一段)?(?:素材|文件|图片|照片|视频|音频|音乐|媒体|媒体文件|素材文件|视频文件|图片文件)(?:(?:和|或|、)(?:素材|文件|图片|照片|视频|音频|音乐))?)`
const dropPlace =
  '(?:到|至|进|入|在)?(?:这里|此处|这儿|此区域|(?:这个|此|该)?(?:窗口|页面|聊天框|对话框|输入框|上传区域?|虚线框|框)(?:中|里|内)?)'
const toUpload = '(?:(?:来|以|进行|即可)?上传)?'
/** What is adjusted by dragging. */
const adjusting = '(?:微调|调整|修改|裁剪|剪辑|排序|缩放|改变|更改|移动)'
const rest = `((?:(?!并|然后|再|或|进行|${inOrder})${named}){1,12}?)`
const stop = `(?=${inOrder}|并|然后|再|或|[${ends}\\s)）*]|$)`

const uploadFiles: PhraseRule['wording'] = (_say, [thing]) => `上传${thing}或发送其网址`

/** The rules of `phrase-rules.ts` for Chinese. Of a whole clause a whole one is made, and what fits no rule stays. */
export const chinesePhraseRules: readonly PhraseRule[] = [
  rule(
    `(?:${click}${corner}${quoted('(?:导出|下载|Export)')}(?:${button})?|${press}${corner}(?:${quoted('(?:导出|下载|Export)')}${button}|${quote}(?:导出|下载|Export)${unquote}))(?!设置|格式|预设|质量|参数|进度|记录)(?:视频|影片|成片)?`,
    (say) => `说${say('export')}`,
  ),
  rule(
    `(?:${click}|${press})${corner}${quoted('上传')}(?:${button})${toUpload}|${click}${corner}${quoted('上传')}${stop}`,
    () => '上传文件或发送其网址',
  ),
  rule(`打开${quoted('字幕')}(?:面板|菜单|窗口)`, (say) => `说${say('subtitles')}`),
  rule(
    `打开${named}{0,8}?(?:面板|菜单|窗口|库)(?:来|以)?(?:找|寻找|获取|看|查找)(?:一些|点|些)?灵感`,
    () => '问我要灵感',
  ),
  rule(
    `打开${quoted(`(?:${timeline}|${named}{0,12}?(?=面板|菜单|窗口|侧边栏|[”」』"】\\]](?:面板|菜单|窗口|侧边栏)))`)}(?:面板|菜单|窗口|侧边栏)?`,
    (say) => `说${say('status')}`,
  ),
  rule(`${clause}${take}${files}${drag}${dropPlace}${toUpload}`, uploadFiles),
  rule(`${clause}${drag}${files}${dropPlace}${toUpload}`, uploadFiles),
  rule(
    `${clause}${take}${rest}(?:${drag}(?:入|进|进入)|${drag}(?:到|至|放到))(${timeline})(?:中|里|上|内)?${stop}`,
    (_say, [what, where]) => `对我说“把${what}加到${where}”`,
  ),
  rule(
    `${clause}${take}${rest}${drag}(?:放)?(?:到|至|入|进)${rest}${stop}`,
    (_say, [what, where]) => `对我说“把${what}移到${where}”`,
  ),
  rule(
    `(?:通过)?${clause}(?:拖拽|拖动|拖放)${named}{1,20}?${inOrder}(?=${named})(${named}{1,20})`,
    (_say, [aim]) => `告诉我如何${aim}`,
  ),
  rule(
    `${clause}(?:拖拽|拖动|拖放)${named}{1,12}?(${adjusting}${named}{0,12})`,
    (_say, [aim]) => `告诉我如何${aim}`,
  ),
  rule(`${clause}(?:拖拽|拖动|拖放)(?:(?!并|然后|再|或)${named}){0,30}`, () => '告诉我要移动什么、移到哪里'),
  rule(
    `(?:在|到)(?:${timeline}|播放器|预览窗口)(?:中|里|上|内)?(?:进行)?预览(?:效果|一下)?`,
    (say) => `说${say('status')}查看轨道`,
  ),
  rule(
    `(?:查看|检查|前往|打开|进入)(?:您的|你的)?(?:账户|账号|帐户|账单|余额|积分)(?:余额|积分|页面|设置|和账单|信息)?`,
    (say) => `说${say('credits')}`,
  ),
  rule(
    `(?:前往|打开|进入|查看)(?:您的|你的)?(?:设置|控制台|仪表盘|仪表板)(?:页面|面板)?`,
    (say) => `说${say('status')}`,
  ),
  rule(`在${timeline}(?:中|里|上)(?:继续|进行|直接)*(?:调整|修改|编辑)`, () => '告诉我要改什么'),
  rule(
    `${pointAt}${rest}(?:${inOrder}|进行)(编辑|修改|删除|调整|裁剪|复制|重命名)`,
    (_say, [what = '', how = '']) => `告诉我要怎么${how}${what}`,
  ),
  rule(
    `${pointAt}(?!${named}{0,12}(?:后|时|会))${rest}(?=[${ends}\\s)）*]|$)`,
    (_say, [what]) => `告诉我要怎么处理${what}`,
  ),
  rule(
    `${click}(?:任意|任一|一个|某个)?(片段|轨道|素材|标题|部分|画面)(?:来|以|进行|即可)?(?:选择|选中|选取)(?:它)?`,
    (_say, [what]) => `告诉我是哪个${what}`,
  ),
  rule(
    `${click}${corner}(?:${quote}(${named}{1,16}?)${unquote}|(?!播放|暂停)(${named}{1,8}?))\\s*(?:按钮|图标|选项|菜单)`,
    (say, [name, word]) => askFor(say, [name || word || '']),
  ),
  rule(`${click}${quote}(${named}{1,16}?)${unquote}`, askFor),
  rule(`${quoted('导出')}按钮`, (say) => say('export')),
]
