/** The examples of resumable uploads. */
import { type OperationExample, exampleOrigin as origin, type RequestBody } from './operation-example.ts'

const id = 'tus_0198c0de-7000-7000-8000-000000000004'

const bytes = (required: boolean, description: string): RequestBody => ({
  required,
  description,
  content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
})

export const resumableExamples: Readonly<Record<string, OperationExample>> = {
  createResumableUpload: {
    requestBody: () => bytes(false, 'The first bytes of the file, or all of them.'),
    responses: {
      201: {
        id,
        filename: 'clip.mp4',
        length_bytes: 104_857_600,
        created_at: '2026-09-01T12:00:00.000Z',
        expires_at: '2026-09-02T12:00:00.000Z',
        links: { self: `${origin}/v1/uploads/resumable/${id}` },
      },
    },
  },
  continueResumableUpload: {
    requestBody: () => bytes(true, 'Bytes of the file from Upload-Offset on.'),
    responses: {},
  },
}
