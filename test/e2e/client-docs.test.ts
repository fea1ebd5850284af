import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signCallback } from '../../src/callbacks/signature.ts'
import { encodeJpeg } from '../../src/media/jpeg/encoder.ts'
import { startTestBed, type TestBed, testApiKey, testCallbackSecret } from '../support/app.ts'
import { findFreePort } from '../support/process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const client = join(root, 'src/client/index.ts')

/** The blocks of the page in order are one module. */
const readProgram = async (): Promise<string> => {
  const page = await readFile(join(root, 'docs/client.md'), 'utf8')
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block).join('\n')
}

describe('the examples of the page about the client', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clipline-client-docs-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('have the right types, with the strictest of settings', async () => {
    const file = join(folder, 'typed.mts')
    await writeFile(file, await readProgram())
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
    const program = ts.createProgram([file], {
      ...options,
      // The blocks are written for readers, who have settings of their own.
      noPropertyAccessFromIndexSignature: false,
      typeRoots: [join(root, 'node_modules/@types')],
      paths: { 'clipline/client': [client] },
    })
    const faults = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText, start }) => `${start}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
    expect(faults).toEqual([])
  })

  it('run from the first to the last', async () => {
    const bed: TestBed = await startTestBed()
    const port = await findFreePort()
    const gray = { width: 64, height: 48, rgba: Buffer.alloc(64 * 48 * 4, 128) }
    await writeFile(join(folder, 'photo.jpg'), encodeJpeg(gray, 80))
    const program = (await readProgram())
      .replaceAll(`'clipline/client'`, `'${pathToFileURL(client).href}'`)
      .replaceAll(/\b9000\b/g, String(port))
    await writeFile(join(folder, 'run.mts'), `${program}\nconsole.log('the end')\n`)
    const child = spawn(process.execPath, ['run.mts'], {
      cwd: folder,
      env: { CLIPLINE_URL: bed.url, CLIPLINE_API_KEY: testApiKey, CALLBACK_SECRET: testCallbackSecret },
    })
    const complaints = text(child.stderr)
    const { promise: atEnd, resolve } = Promise.withResolvers<string>()
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('the end')) resolve(output)
    })
    child.once('close', () => resolve(output))
    await atEnd
    const body = Buffer.from('{"type":"job.succeeded","data":{"job":{"id":"job_7"}}}')
    const timestampS = Math.floor(Date.now() / 1_000)
    const headers = { ...signCallback({ id: 'evt_1', timestampS, body, secrets: [testCallbackSecret] }) }
    const call = () => fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body })
    const answers = output.includes('the end') ? [(await call()).status] : []
    headers['webhook-id'] = 'evt_2'
    if (answers.length > 0) answers.push((await call()).status)
    child.kill()
    await bed.stop()
    expect(await complaints).toBe('')
    expect(output).toContain('done: render')
    expect(output).toMatch(/invalid_request 400 false\n\/prompt /)
    expect(output).toContain('about 100 credits')
    for (const thing of ['fox', 'boat', 'lighthouse']) expect(output).toContain(`${thing} succeeded http`)
    expect(output).toMatch(/^generate /m)
    expect((await readFile(join(folder, 'fox.mp4'))).subarray(4, 8).toString()).toBe('ftyp')
    expect(answers).toEqual([204, 400])
  })
})
