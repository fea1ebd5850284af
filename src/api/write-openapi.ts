/** For developers: writes `openapi/openapi.json` from the routes. With `--check` it fails where the file differs. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { openApiText } from './openapi-text.ts'

const folder = new URL('../../openapi/', import.meta.url)
const file = new URL('openapi.json', folder)
const manifest = new URL('../../package.json', import.meta.url)

const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string }
const wanted = await openApiText(version)
const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return null
  throw error
})

if (present === wanted) process.stdout.write('openapi/openapi.json is as the routes say.\n')
else if (process.argv.includes('--check')) {
  process.stderr.write('openapi/openapi.json is not as the routes say. Run: npm run docs\n')
  process.exitCode = 1
} else {
  await mkdir(folder, { recursive: true })
  await writeFile(file, wanted)
  process.stdout.write('Wrote openapi/openapi.json\n')
}
