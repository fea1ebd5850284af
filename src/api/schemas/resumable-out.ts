import { z } from 'zod'
import type { ResumableUpload } from '../../store/resumable-uploads.ts'

export const ResumableOut = z
  .object({
    id: z.string(),
    filename: z.string(),
    length_bytes: z.int().nullable(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'ResumableUpload' })

export const toResumableOut = (
  upload: ResumableUpload,
  publicUrl: string,
): z.output<typeof ResumableOut> => ({
  id: upload.id,
  filename: upload.filename,
  length_bytes: upload.lengthBytes,
  created_at: upload.createdAt.toISOString(),
  expires_at: upload.expiresAt.toISOString(),
  links: { self: `${publicUrl}/v1/uploads/resumable/${upload.id}` },
})
