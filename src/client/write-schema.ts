/**
 * For developers: writes `generated/schema.ts`, the types of every request and answer, from `openapi/openapi.json`.
 * With `--check` it writes nothing and fails where the file differs.
 */
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'

const source = new URL('../../openapi/openapi.json', import.meta.url)
const file = new URL('generated/schema.ts', import.meta.url)

const banner = '/** Written from openapi/openapi.json by src/client/write-schema.ts. */\n\n'
/** Holds nothing: our schemas have no `$defs`. */
const emptyDefinitions = 'export type $defs = Record<string, never>;\n'

/** Each route spells its problems out, for people; their type is one and the same. Examples are none of the types'. */
const withOneProblem = (key: string, value: unknown): unknown => {
  if (key === 'example' || key === 'examples') return undefined
  if (key !== 'responses' || typeof value !== 'object' || value === null) return value
  const answers = Object.entries(value).filter(([status]) => /^[23]/.test(status))
  return Object.fromEntries([...answers, ['default', { $ref: '#/components/responses/Problem' }]])
}

const text = await readFile(source, 'utf8')
const document = JSON.parse(text, withOneProblem) as OpenAPI3
const described: OpenAPI3 = {
  ...document,
  components: {
    ...document.components,
    responses: {
      Problem: {
        description: 'What is wrong (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  },
}
// What has a default may be left out of a request; in answers such fields are required by name.
const types = await openapiTS(described, { defaultNonNullable: false })
const wanted = banner + astToString(types).replace(emptyDefinitions, '')
const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return null
  throw error
})

if (present === wanted) process.stdout.write('src/client/generated/schema.ts is as the description says.\n')
else if (process.argv.includes('--check')) {
  process.stderr.write(
    'src/client/generated/schema.ts is not as openapi/openapi.json says. Run: npm run docs\n',
  )
  process.exitCode = 1
} else {
  await writeFile(file, wanted)
  process.stdout.write('Wrote src/client/generated/schema.ts\n')
}
