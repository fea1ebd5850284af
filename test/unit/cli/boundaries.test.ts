import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../../src/cli/', import.meta.url))

/** What they ask is no API of ours. */
const askElsewhere: Readonly<Record<string, string>> = {
  'doctor/examine-provider.ts': 'the clock of the provider',
  'doctor/patient.ts': 'whether the sandbox runs',
  'prove/provider-ledger.ts': 'the books of the sandbox',
}

/** Ways to send a request past the client. */
const ownWays = [
  /(?<![.\w])fetch\(/,
  /\bglobalThis\.fetch\b/,
  /from '(?:undici|axios|got)'/,
  /from '(?:node:)?https'/,
  /import \{[^}]*\b(?:request|get)\b[^}]*\} from '(?:node:)?http2?'/,
]

describe('the command line', () => {
  it('speaks with the API of Clipline through the client alone', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'))
    const sending = []
    for (const name of files) {
      const source = await readFile(`${folder}${name}`, 'utf8')
      if (ownWays.some((way) => way.test(source))) sending.push(name)
    }
    expect(sending.sort()).toEqual(Object.keys(askElsewhere))
  })
})
