import { expect, test } from 'vitest'
import { readEdits } from '../../../src/sandbox/agent/read-edits.ts'

const lofi = { op: 'set_music', label: 'Lo-fi', src: 'sandbox://cdn/lib/lo-fi.wav' }
const red = { op: 'color_title', color: '#FF0000' }

test.each([
  ['add lo-fi background music', [lofi]],
  ['换成低保真音乐', [lofi]],
  ['remove the music', [{ op: 'remove_music' }]],
  ['without music please', [{ op: 'remove_music' }]],
  ['去掉背景音乐', [{ op: 'remove_music' }]],
  ['turn the music volume to 20%', [{ op: 'set_volume', volume: 0.2 }]],
  ['make it louder', [{ op: 'scale_volume', factor: 1.5 }]],
  ['音量调小', [{ op: 'scale_volume', factor: 0.5 }]],
  ['make the title red', [red]],
  ['now in red', [red]],
  ['make it red.', [red]],
  ['标题改成红色', [red]],
  ['change the title to red', [red]],
  ['change the title to Red Dawn', [{ op: 'set_title', text: 'Red Dawn' }]],
  ['change the title to "Summer song"', [{ op: 'set_title', text: 'Summer song' }]],
  ['标题改成夏天的歌', [{ op: 'set_title', text: '夏天的歌' }]],
  ['add a title "Hello"', [{ op: 'set_title', text: 'Hello' }]],
  ['remove the title', [{ op: 'remove_title' }]],
  ['make the title bigger', [{ op: 'scale_title', factor: 1.25 }]],
  ['move the title to the bottom', [{ op: 'move_title', position: 'bottom-center' }]],
  ['add subtitles', [{ op: 'add_subtitles', lines: [] }]],
  ['添加中文字幕', [{ op: 'add_subtitles', lines: [] }]],
  ['remove the captions', [{ op: 'remove_subtitles' }]],
  ['make it shorter', [{ op: 'scale_length', factor: 0.7 }]],
  ['短一点', [{ op: 'scale_length', factor: 0.7 }]],
  ['make it longer', [{ op: 'scale_length', factor: 1.3 }]],
  ['trim the first 2 seconds', [{ op: 'cut_start', lengthMs: 2000 }]],
  ['trim the last 1.5 s', [{ op: 'cut_end', lengthMs: 1500 }]],
  ['trim it to 4 seconds', [{ op: 'set_length', lengthMs: 4000 }]],
  ['剪到3秒', [{ op: 'set_length', lengthMs: 3000 }]],
  ['keep from 2 to 6 seconds', [{ op: 'keep_range', fromMs: 2000, toMs: 6000 }]],
  ['trim it', [{ op: 'scale_length', factor: 0.8 }]],
  ['slower', [{ op: 'change_speed', factor: 0.75 }]],
  ['play it at 2x speed', [{ op: 'change_speed', factor: 2 }]],
  ['fade in and out', [{ op: 'fade', inMs: 500, outMs: 500 }]],
])('%j', (text, operations) => {
  expect(readEdits(text)).toEqual(operations)
})

test('one message may ask for several edits', () => {
  expect(readEdits('add lo-fi music, make the title red and trim it to 4 seconds')).toEqual([
    red,
    lofi,
    { op: 'set_length', lengthMs: 4000 },
  ])
})

test.each(['give it more magic', '', '1080x1920 please', 'a green field', '变得更有趣'])(
  '%j is nothing that has a tool of its own',
  (text) => {
    expect(readEdits(text)).toEqual([])
  },
)

test('what stands beyond the first 2,000 characters is not read, so no text can keep the patterns busy', () => {
  expect(readEdits(`${'x '.repeat(1000)} remove the music`)).toEqual([])
  expect(readEdits(`remove the music ${'x '.repeat(1000)}`)).toEqual([{ op: 'remove_music' }])
})
