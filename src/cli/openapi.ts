import { readFile } from 'node:fs/promises'
import { parseArguments } from './arguments.ts'
import { exitCodes } from './exit.ts'

const document = new URL('../../openapi/openapi.json', import.meta.url)

/** Prints the description of the API that this version serves. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('openapi', args, { options: {} })
  const text = await readFile(document, 'utf8')
  process.stdout.write(values.json ? `${JSON.stringify(JSON.parse(text))}\n` : text)
  return exitCodes.ok
}
