import type { PhraseRule } from './phrases.ts'

/** What an instruction names, up to the end of its clause. */
const named = '[^，。；：！？,.;!?\\n“”「」『』"\\uE000\\uE001]'
const quote = '[“「『"【]?'
const unquote = '[”」』"】]?'
const corner = '(?:右上角|左上角|上方|下方|右侧|顶部|页面)?(?:的)?'

const askFor: PhraseRule['wording'] = (_say, [name]) => `对我说“${name}”`

const rule = (source: string, wording: PhraseRule['wording']): PhraseRule => ({
  pattern: new RegExp(source, 'gi'),
  wording,
})

const click = '(?:点击|单击|点按)(?:一下)?\\s*'
const timeline = '(?:时间线|时间轴|编辑器)'

/** The rules of `phrase-rules.ts` for Chinese, whose verbs here are hardly used of anything but a screen. */
export const chinesePhraseRules: readonly PhraseRule[] = [
  rule(
    `${click}${corner}${quote}(?:导出|下载|Export)${unquote}\\s*(?:按钮|图标|选项)?`,
    (say) => `说${say('export')}`,
  ),
  rule(`打开${quote}字幕${unquote}(?:面板|菜单|窗口)`, (say) => `说${say('subtitles')}`),
  rule(
    `打开${quote}(?:${timeline}|${named}{0,12}?(?=面板|菜单|窗口|侧边栏))${unquote}(?:面板|菜单|窗口|侧边栏)?`,
    (say) => `说${say('status')}`,
  ),
  rule(
    `(?:拖拽|拖动|拖放)${named}{1,20}?(?:来|以|以便|即可)(${named}{1,20})`,
    (_say, [aim]) => `告诉我如何${aim}`,
  ),
  rule(`(?:拖拽|拖动|拖放)${named}{0,30}`, () => '告诉我要移动什么、移到哪里'),
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
  rule(`在${timeline}(?:中|里|上)(?:进行)?(?:调整|修改|编辑)`, () => '告诉我要改什么'),
  rule(`${click}${corner}${quote}(${named}{1,16}?)${unquote}\\s*(?:按钮|图标|选项|菜单)`, askFor),
  rule(`${click}${quote}(${named}{1,16}?)${unquote}(?=即可|来|以|就|，|。|；|！|,|$|\\n)`, askFor),
  rule(`${quote}导出${unquote}按钮`, (say) => say('export')),
]
