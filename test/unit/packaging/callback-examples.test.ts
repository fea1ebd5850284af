import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { newCallbackSecret } from '../../../src/callbacks/secret.ts'
import { signCallback } from '../../../src/callbacks/signature.ts'
import { pathOf, readProjectFile } from './project-files.ts'

const secret = newCallbackSecret()
const body = Buffer.from('{"type":"job.succeeded","data":{"job":{"prompt":"ein Fuchs läuft im Schnee"}}}')
const nowS = Math.floor(Date.now() / 1_000)

const sign = (options: { readonly timestampS?: number; readonly secrets?: readonly string[] } = {}) =>
  signCallback({ id: 'evt_1', timestampS: nowS, body, secrets: [secret], ...options })

const cases = [
  { title: 'a good one', headers: sign(), body, isGood: true },
  {
    title: 'one of two signatures',
    headers: sign({ secrets: [newCallbackSecret(), secret] }),
    body,
    isGood: true,
  },
  { title: 'another body', headers: sign(), body: Buffer.from('{}'), isGood: false },
  { title: 'another secret', headers: sign({ secrets: [newCallbackSecret()] }), body, isGood: false },
  { title: 'an old one', headers: sign({ timestampS: nowS - 400 }), body, isGood: false },
  { title: 'one of the future', headers: sign({ timestampS: nowS + 400 }), body, isGood: false },
  { title: 'another id', headers: { ...sign(), 'webhook-id': 'evt_2' }, body, isGood: false },
  { title: 'no headers', headers: {}, body, isGood: false },
]

const hasPython = spawnSync('python3', ['--version']).status === 0

describe('the callback examples of the docs', () => {
  it.each(cases)('in JavaScript: $title', async ({ headers, body: received, isGood }) => {
    const { isVerified } = await import(pathOf('docs/examples/verify-callback.js'))
    expect(isVerified(secret, headers, received)).toBe(isGood)
  })

  it.runIf(hasPython).each(cases)('in Python: $title', ({ headers, body: received, isGood }) => {
    const program =
      'import json, sys, base64; from verify_callback import is_verified; ' +
      'secret, headers, body = json.load(sys.stdin); ' +
      'print(is_verified(secret, headers, base64.b64decode(body)))'
    const { stdout, stderr } = spawnSync('python3', ['-B', '-c', program], {
      cwd: pathOf('docs/examples'),
      input: JSON.stringify([secret, headers, received.toString('base64')]),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(stdout.trim()).toBe(isGood ? 'True' : 'False')
  })

  it('are shown in the page about callbacks as they are', () => {
    const page = readProjectFile('docs/callbacks.md')
    expect(page).toContain(readProjectFile('docs/examples/verify-callback.js'))
    expect(page).toContain(readProjectFile('docs/examples/verify_callback.py'))
  })
})
