import { z } from 'zod'
import type { UploadRecord } from '../../store/uploads.ts'

export const UploadOut = z
  .object({
    id: z.string(),
    filename: z.string(),
    content_type: z.string().describe('By its content, whatever was declared.'),
    size_bytes: z.int(),
    sha256: z.string(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    duration_s: z.number().nullable(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable().describe('Null once a job takes it.'),
  })
  .meta({ id: 'Upload' })

export type UploadOut = z.output<typeof UploadOut>

export const toUploadOut = (upload: UploadRecord): UploadOut => ({
  id: upload.id,
  filename: upload.filename,
  content_type: upload.contentType,
  size_bytes: upload.sizeBytes,
  sha256: upload.sha256,
  width: upload.width,
  height: upload.height,
  duration_s: upload.durationS,
  created_at: upload.createdAt.toISOString(),
  expires_at: upload.expiresAt?.toISOString() ?? null,
})
