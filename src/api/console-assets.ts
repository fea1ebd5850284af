/**
 * The files of the console as they are served. In `dist/` they are compiled; from the sources, types are taken out of
 * them once.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import nodeModule from 'node:module'
import { extname } from 'node:path'

export interface ConsoleAsset {
  readonly content: Buffer
  readonly contentType: string
  readonly etag: string
}

/** By name; `index.html` is the page. */
export type ConsoleAssets = ReadonlyMap<string, ConsoleAsset>

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
}

export const readConsoleAssets = async (folder: URL): Promise<ConsoleAssets> => {
  const fileNames = (await readdir(folder)).sort()
  const assets = await Promise.all(fileNames.map((fileName) => readAsset(folder, fileName)))
  return new Map(assets.filter((asset) => asset !== null))
}

const readAsset = async (folder: URL, fileName: string): Promise<[string, ConsoleAsset] | null> => {
  const isSource = fileName.endsWith('.ts')
  const name = isSource ? fileName.replace(/\.ts$/, '.js') : fileName
  const contentType = contentTypes[extname(name)]
  if (contentType === undefined) return null
  const file = await readFile(new URL(fileName, folder))
  const content = isSource ? toScript(file.toString('utf8')) : file
  const hash = createHash('sha256').update(content).digest('base64url')
  return [name, { content, contentType, etag: `"${hash}"` }]
}

const importedSource = /^((?:import|export|\}) .*from '\.\/[a-z-]+|import '\.\/[a-z-]+)\.ts'$/gm

const toScript = (source: string): Buffer =>
  Buffer.from(nodeModule.stripTypeScriptTypes(source).replace(importedSource, "$1.js'"))
