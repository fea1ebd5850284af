import { fileURLToPath } from 'node:url'

/** The file that is the `clipline` command, for starting one of its commands as a process of its own. */
export const cliplineEntry = (): string => {
  const isSource = import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(isSource ? '../main.ts' : '../main.js', import.meta.url))
}
