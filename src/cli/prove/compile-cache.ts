import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * The processes of a drill are started again and again, which on a small machine takes as much as their work. What node
 * makes of the code is kept in a folder; one that is killed writes nothing there, so one that only loads it comes first.
 */
export const fillCompileCache = async (folder: string): Promise<{ readonly NODE_COMPILE_CACHE: string }> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const loads = ['app', 'app-api', 'app-worker'].map((name) => {
    const module = new URL(`../../${name}.${extension}`, import.meta.url).href
    return `await import(${JSON.stringify(module)})`
  })
  const environment = { NODE_COMPILE_CACHE: folder }
  const child = spawn(process.execPath, ['--input-type=module', '--eval', loads.join(';')], {
    stdio: 'ignore',
    env: { ...environment, PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
  })
  await once(child, 'close')
  return environment
}
