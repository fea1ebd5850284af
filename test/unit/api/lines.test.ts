import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IncomingLine, LineGroup } from '../../../src/actions/incoming-line.ts'
import { type LineFormat, lineFormatOf, readLines } from '../../../src/api/lines/read-lines.ts'

async function* piecesOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let start = 0
  for (const end of ends) {
    yield bytes.subarray(start, end)
    start = end
  }
}

const read = async (
  text: string | Buffer,
  format: LineFormat,
  { cuts = [], maxBytes = 1_000_000_000 }: { cuts?: readonly number[]; maxBytes?: number } = {},
) => {
  const groups: LineGroup[] = []
  const source = readLines(piecesOf(Buffer.from(text), cuts), format, maxBytes)
  for await (const group of source) groups.push(group)
  const lines = groups.flatMap((group) => group.lines)
  return { lines, stop: groups.at(-1)?.stop ?? null }
}

const bodyOf = (line: IncomingLine) => (line.outcome === 'read' ? line.body : line.faults[0]?.code)
const short = ({ lines, stop }: Awaited<ReturnType<typeof read>>) => ({
  lines: lines.map((line) => [line.line, bodyOf(line)]),
  stop: stop?.faults[0]?.detail ?? null,
})

const cuts = fc.array(fc.nat({ max: 5_000 }), { maxLength: 30 })
const object = fc.dictionary(
  fc
    .string({ unit: 'grapheme', maxLength: 5 })
    .filter((key) => key !== '__proto__' && !key.includes('\u0000')),
  fc.oneof(
    fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((text) => text.isWellFormed() && !text.includes('\u0000')),
    fc.integer(),
    fc.array(fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', '\\"'), { maxLength: 6 }),
  ),
  { maxKeys: 4 },
)

describe('any objects, cut anywhere', () => {
  it('come out of NDJSON as they went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 12 }), cuts, async (bodies, at) => {
        const text = bodies.map((body) => JSON.stringify(body)).join('\r\n')
        const result = await read(text, 'application/x-ndjson', { cuts: at })
        expect(result.lines.map(bodyOf)).toEqual(bodies)
        expect(result.lines.map(({ line }) => line)).toEqual(bodies.map((_, no) => no + 1))
      }),
      { numRuns: 60 },
    )
  })

  it('come out of a JSON array as they went in, however it is indented', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { maxLength: 12 }),
        cuts,
        fc.nat({ max: 3 }),
        async (bodies, at, indent) => {
          const result = await read(JSON.stringify(bodies, null, indent), 'application/json', { cuts: at })
          expect(result.lines.map(bodyOf)).toEqual(bodies)
          expect(result.stop).toBeNull()
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('NDJSON', () => {
  it('numbers blank lines and skips them, and takes a byte order mark', async () => {
    const text = '\ufeff{"a":1}\n\n  \r\n{"a":2}'
    for (let cut = 0; cut < text.length; cut += 1)
      expect(short(await read(text, 'application/x-ndjson', { cuts: [cut] }))).toEqual({
        lines: [
          [1, { a: 1 }],
          [4, { a: 2 }],
        ],
        stop: null,
      })
  })

  it('lets one bad line spoil no other', async () => {
    const text = Buffer.concat([
      Buffer.from('{"a":1\n'),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from('{"__proto__":1}\n{"a":"\\ud800"}\n{"a":3}\n'),
    ])
    expect(short(await read(text, 'application/x-ndjson')).lines).toEqual([
      [1, 'invalid_json'],
      [2, 'invalid_json'],
      [3, 'not_accepted'],
      [4, 'not_accepted'],
      [5, { a: 3 }],
    ])
  })

  it('gives the same bad line the same digest', async () => {
    const { lines } = await read('{"a\n{"a\n{"b\n', 'application/x-ndjson')
    const [first, second, third] = lines.map(({ digest }) => digest())
    expect(first).toBe(second)
    expect(third).not.toBe(first)
  })
})

describe('a line over 1 MiB', () => {
  const long = JSON.stringify({ a: 'x'.repeat(1_048_600) })

  it('is one bad line in NDJSON and in an array, and is never held as a whole', async () => {
    const at = Array.from({ length: 20 }, (_, no) => no * 60_000)
    const ndjson = await read(`${long}\n{"a":2}\n`, 'application/x-ndjson', { cuts: at })
    const array = await read(`[${long},{"a":2}]`, 'application/json', { cuts: at })
    for (const result of [ndjson, array])
      expect(short(result).lines).toEqual([
        [1, 'payload_too_large'],
        [2, { a: 2 }],
      ])
  })

  it('is one bad line in a table, and is never held as a whole', async () => {
    const at = Array.from({ length: 20 }, (_, no) => no * 60_000)
    const result = await read(`prompt\n"${'x\n'.repeat(600_000)}"\nfine`, 'text/csv', { cuts: at })
    expect(short(result)).toEqual({
      lines: [
        [1, 'payload_too_large'],
        [2, { prompt: 'fine' }],
      ],
      stop: null,
    })
  })
})

describe('a JSON array', () => {
  it.each([
    ['', 'must be a JSON array of lines'],
    ['  ', 'must be a JSON array of lines'],
    ['{}', 'must be a JSON array of lines'],
    ['[', 'must be a whole JSON array; it ended early'],
    ['[{"a":1}', 'must be a whole JSON array; it ended early'],
    ['[] x', 'must be one JSON array, with nothing after it'],
    ['[]]', 'must be one JSON array, with nothing after it'],
    ['[]', null],
    [' [ ] \n', null],
  ])('%j is answered with %j', async (text, stop) => {
    expect(short(await read(text, 'application/json')).stop).toBe(stop)
  })

  it('with something missing between commas, or with garbage, has bad lines there', async () => {
    expect(short(await read('[1,,2,]', 'application/json')).lines).toEqual([
      [1, 1],
      [2, 'invalid_json'],
      [3, 2],
      [4, 'invalid_json'],
    ])
    expect(short(await read('[{"a":1} {"a":2}, }, {"a":3}]', 'application/json')).lines).toEqual([
      [1, 'invalid_json'],
      [2, 'invalid_json'],
      [3, { a: 3 }],
    ])
  })
})

describe('CSV', () => {
  it('keeps quoted commas, quotes and line breaks, wherever it is cut', async () => {
    const text = '\ufeffprompt,metadata.a\r\n"one, ""two""\nthree",x\r\nfour,\r\n'
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(short(await read(text, 'text/csv', { cuts: at })).lines).toEqual([
          [1, { prompt: 'one, "two"\nthree', metadata: { a: 'x' } }],
          [2, { prompt: 'four' }],
        ])
      }),
      { numRuns: 30 },
    )
  })

  it('reads numbers where fields are numbers, and leaves to the schema what is none', async () => {
    const text = 'prompt,max_credits,output.duration_s\n1,20,1.5\n2,many,1e3\n'
    expect(short(await read(text, 'text/csv')).lines).toEqual([
      [1, { prompt: '1', max_credits: 20, output: { duration_s: 1.5 } }],
      [2, { prompt: '2', max_credits: 'many', output: { duration_s: '1e3' } }],
    ])
  })

  it('reads a quote inside of a bare cell as it is written', async () => {
    expect(short(await read('prompt,skill\n5" TV on a "wall",\n"a ""b""",\n', 'text/csv'))).toEqual({
      lines: [
        [1, { prompt: '5" TV on a "wall"' }],
        [2, { prompt: 'a "b"' }],
      ],
      stop: null,
    })
  })

  it('has a bad line where a record is malformed, and reads on behind it', async () => {
    const bytes = Buffer.concat([
      Buffer.from('prompt,skill\ngood,\n"He said "hi" to me",\n'),
      Buffer.from([0xff, 0x2c, 0x0a]),
      Buffer.from('good too,\n"open\n"shut",\nlast,\n"never closed,\nswallowed,\n'),
    ])
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const { lines, stop } = await read(bytes, 'text/csv', { cuts: [cut] })
      expect(short({ lines, stop })).toEqual({
        lines: [
          [1, { prompt: 'good' }],
          [2, 'not_accepted'],
          [3, 'not_accepted'],
          [4, { prompt: 'good too' }],
          [5, 'not_accepted'],
          [6, { prompt: 'last' }],
          [7, 'not_accepted'],
        ],
        stop: null,
      })
      expect(lines.flatMap((line) => (line.outcome === 'read' ? [] : line.faults[0]?.detail))).toEqual([
        expect.stringContaining('text follows the quote that closes cell 1'),
        'must be UTF-8',
        expect.stringContaining('text follows the quote that closes cell 1'),
        expect.stringContaining('cell 1 begins with a quote that is never closed'),
      ])
    }
  })

  it('gives the same malformed record the same digest', async () => {
    const { lines } = await read('prompt\n"a"b\n"a"b\n"a"c\n', 'text/csv')
    const [first, second, third] = lines.map(({ digest }) => digest())
    expect([first === second, first === third]).toEqual([true, false])
  })

  it.each([
    ['that is missing', '\r\n', 'must begin with a header that names the columns'],
    ['with text behind a quote', '"prompt"s\nfine\n', /follows the quote that closes cell 1.*in the header/],
    ['with a quote that is open', '"prompt\nfine\n', /never closed.*in the header/],
    ['that is not UTF-8', Buffer.from([0xff, 0x0a, 0x61]), 'must be UTF-8, in the header'],
    ['over 1 MiB', `${'x'.repeat(1_100_000)}\nfine`, /at most 1048576 bytes a record.*in the header/],
  ])('is refused before any line by a header %s', async (_name, text, detail) => {
    const { lines, stop } = await read(text, 'text/csv')
    expect(lines).toEqual([])
    expect(stop).toMatchObject({
      code: 'invalid_request',
      faults: [{ detail: typeof detail === 'string' ? detail : expect.stringMatching(detail) }],
    })
  })

  it('is read as csv-parse reads it where it is well formed, however it ends its lines', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'ü', '🦊', ' ', ',', '"', '\n', '\r'),
      minLength: 1,
      maxLength: 6,
    })
    const write = (row: readonly string[]) =>
      row.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        cuts,
        async (rows, lineEnd, at) => {
          const text = [['prompt', 'metadata.a'], ...rows].map(write).join(lineEnd)
          const { lines, stop } = await read(text, 'text/csv', { cuts: at })
          const records: string[][] = parse(text, { record_delimiter: lineEnd, from: 2 })
          expect(stop).toBeNull()
          expect(lines.map(bodyOf)).toEqual(records.map(([prompt, a]) => ({ prompt, metadata: { a } })))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has a bad line where there are too few cells or too many', async () => {
    expect(short(await read('prompt,skill\na\nb,c\nd,e,f\n', 'text/csv')).lines).toEqual([
      [1, 'not_accepted'],
      [2, { prompt: 'b', skill: 'c' }],
      [3, 'not_accepted'],
    ])
  })
})

describe('a stream', () => {
  it('of more bytes than it may have stops there, and keeps what came before', async () => {
    const text = '{"a":1}\n'.repeat(100)
    const at = Array.from({ length: 100 }, (_, no) => no * 8)
    for (const format of ['application/x-ndjson', 'text/csv'] as const) {
      const { lines, stop } = await read(format === 'text/csv' ? 'prompt\n'.repeat(100) : text, format, {
        cuts: at,
        maxBytes: 400,
      })
      expect(stop?.code).toBe('payload_too_large')
      if (format === 'application/x-ndjson') expect(lines).toHaveLength(50)
    }
  })

  it.each([
    ['application/x-ndjson', 'application/x-ndjson'],
    ['Application/JSONL; charset=utf-8', 'application/x-ndjson'],
    ['text/csv;header=present', 'text/csv'],
    ['application/json', 'application/json'],
    ['text/plain', null],
    [undefined, null],
  ])('of type %j is read as %j', (contentType, format) => {
    expect(lineFormatOf(contentType)).toBe(format)
  })
})
