/** The examples of uploads. */
import { exampleDigest, type OperationExample, type RequestBody } from './operation-example.ts'

const uploadId = 'upl_0198c0de-7000-7000-8000-000000000003'

const exampleUpload = {
  id: uploadId,
  filename: 'portrait.jpg',
  content_type: 'image/jpeg',
  size_bytes: 482_113,
  sha256: exampleDigest,
  width: 1200,
  height: 1600,
  duration_s: null,
  created_at: '2026-09-01T12:00:00.000Z',
  expires_at: '2026-09-02T12:00:00.000Z',
}

const uploadBody: RequestBody = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { file: { type: 'array', items: { type: 'string', format: 'binary' } } },
      },
    },
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    'application/json': {
      schema: {
        type: 'object',
        required: ['url'],
        additionalProperties: false,
        properties: { url: { type: 'string', maxLength: 2048 } },
      },
      example: { url: 'https://example.com/portrait.jpg' },
    },
  },
}

export const uploadExamples: Readonly<Record<string, OperationExample>> = {
  createUpload: { requestBody: () => uploadBody, responses: { 201: exampleUpload } },
  listUploads: { responses: { 200: { data: [exampleUpload], next_cursor: null } } },
  getUpload: { responses: { 200: exampleUpload } },
  deleteUpload: { responses: {} },
}
