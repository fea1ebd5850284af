/** Small real files. */

/** A PNG of one pixel: signature, IHDR, IDAT, IEND. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export const text = Buffer.from('A poem about foxes, written by nobody.\n'.repeat(3))

export const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n')

export interface FormFile {
  readonly name: string
  readonly filename: string
  readonly type: string
  readonly content: Buffer
}

/** A multipart body as browsers write it. */
export const formOf = (
  ...files: readonly FormFile[]
): { payload: Buffer; headers: Record<string, string> } => {
  const boundary = 'clipline-test-boundary'
  const parts = files.flatMap(({ name, filename, type, content }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    content,
    Buffer.from('\r\n'),
  ])
  return {
    payload: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}
