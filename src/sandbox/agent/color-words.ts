const colors: Readonly<Record<string, string>> = {
  red: '#FF0000',
  green: '#00C853',
  blue: '#2962FF',
  yellow: '#FFEB3B',
  orange: '#FF9800',
  purple: '#9C27B0',
  pink: '#FF4081',
  white: '#FFFFFF',
  black: '#000000',
  gold: '#FFD700',
  silver: '#C0C0C0',
  gray: '#9E9E9E',
  grey: '#9E9E9E',
  cyan: '#00BCD4',
  teal: '#009688',
  turquoise: '#40E0D0',
  brown: '#795548',
  magenta: '#FF00FF',
  红色: '#FF0000',
  绿色: '#00C853',
  蓝色: '#2962FF',
  黄色: '#FFEB3B',
  橙色: '#FF9800',
  紫色: '#9C27B0',
  粉色: '#FF4081',
  白色: '#FFFFFF',
  黑色: '#000000',
  金色: '#FFD700',
  银色: '#C0C0C0',
  灰色: '#9E9E9E',
}

const latinWords = Object.keys(colors).filter((word) => /^[a-z]+$/.test(word))
const chineseWords = Object.keys(colors).filter((word) => !latinWords.includes(word))
const colorPattern = new RegExp(
  `\\b(?:${latinWords.join('|')})\\b|${chineseWords.join('|')}|#[0-9a-f]{6}\\b`,
  'i',
)

/** The first color that a text names, as `#RRGGBB`. */
export const findColor = (text: string): string | null => {
  const word = colorPattern.exec(text)?.[0].toLowerCase()
  if (word === undefined) return null
  return word.startsWith('#') ? word.toUpperCase() : (colors[word] ?? null)
}
