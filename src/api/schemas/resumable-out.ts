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
  .meta({
    id: 'ResumableUpload',
    examples: [
      {
        id: 'tus_01a1fe2e-07c6-79c2-a090-841ec670e7ff',
        filename: 'clip.mp4',
        length_bytes: 104857600,
        created_at: '2026-08-01T12:00:00.000Z',
        expires_at: '2026-08-02T12:00:00.000Z',
        links: {
          self: 'https://clipline.example/v1/uploads/resumable/tus_01a1fe2e-07c6-79c2-a090-841ec670e7ff',
        },
      },
    ],
  })

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
