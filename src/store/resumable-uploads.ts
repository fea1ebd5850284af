/** Files on their way in by tus: how far each has come, and in which pieces. */
import type { Pool } from 'pg'
import type { PrismaClient, ResumableUpload as Row } from './generated/client.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'
import type { UploadRecord } from './uploads.ts'

/** A file in the storage that holds a part of the one that is coming. */
export interface Piece {
  readonly key: string
  readonly sizeBytes: number
}

export interface ResumableUpload {
  readonly id: string
  readonly tenantId: string
  readonly filename: string
  /** The Upload-Metadata header, as it came. */
  readonly metadata: string
  /** Null while the client has not said. */
  readonly lengthBytes: number | null
  readonly receivedBytes: number
  /** In order. */
  readonly pieces: readonly Piece[]
  /** What it has become, once it was whole. */
  readonly uploadId: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** What is written beyond a place that was read before; nothing is when another request got further meanwhile. */
export interface ResumableStep {
  readonly id: string
  readonly fromBytes: number
}

export interface ResumableUploadStore {
  /** Writes it with the stored answer; false when the key is taken. */
  create(upload: ResumableUpload, answer: KeyedAnswer | null): Promise<boolean>
  find(tenantId: string, id: string): Promise<ResumableUpload | null>
  /** Records what has come; false when another request was first. */
  advance(
    step: ResumableStep,
    to: Pick<ResumableUpload, 'lengthBytes' | 'receivedBytes' | 'pieces'>,
  ): Promise<boolean>
  /** Records the upload that it has become, in the same statement; false when another request was first. */
  finish(step: ResumableStep, upload: UploadRecord): Promise<boolean>
  /** The pieces of what was removed, which are the caller’s to delete; null when there was nothing. */
  remove(tenantId: string, id: string): Promise<readonly Piece[] | null>
}

const toResumable = ({ lengthBytes, receivedBytes, pieces, ...row }: Row): ResumableUpload => ({
  ...row,
  lengthBytes: lengthBytes === null ? null : Number(lengthBytes),
  receivedBytes: Number(receivedBytes),
  pieces: pieces as unknown as readonly Piece[],
})

/** The number of bytes is the fence: whatever changes the pieces changes it too. */
const advanceSql = `
UPDATE resumable_uploads SET length_bytes = $3, received_bytes = $4, pieces = $5
WHERE id = $1 AND received_bytes = $2 AND upload_id IS NULL`

/** $1 id, $2 bytes before, $3 the upload. */
const finishSql = `
WITH done AS (
  UPDATE resumable_uploads SET upload_id = $3::jsonb->>'id', pieces = '[]',
    length_bytes = ($3::jsonb->>'size_bytes')::bigint, received_bytes = ($3::jsonb->>'size_bytes')::bigint
  WHERE id = $1 AND received_bytes = $2 AND upload_id IS NULL
  RETURNING tenant_id
)
INSERT INTO uploads (id, tenant_id, filename, kind, content_type, size_bytes, sha256, width, height, duration_s,
  storage_key, created_at, expires_at)
SELECT u.id, d.tenant_id, u.filename, u.kind, u.content_type, u.size_bytes, u.sha256, u.width, u.height, u.duration_s,
  u.storage_key, u.created_at, u.expires_at
FROM done d, jsonb_to_record($3::jsonb) AS u(id text, filename text, kind text, content_type text, size_bytes bigint,
  sha256 text, width int, height int, duration_s float8, storage_key text, created_at timestamptz,
  expires_at timestamptz)`

const toColumns = (upload: UploadRecord) => ({
  id: upload.id,
  filename: upload.filename,
  kind: upload.kind,
  content_type: upload.contentType,
  size_bytes: upload.sizeBytes,
  sha256: upload.sha256,
  width: upload.width,
  height: upload.height,
  duration_s: upload.durationS,
  storage_key: upload.storageKey,
  created_at: upload.createdAt,
  expires_at: upload.expiresAt,
})

export const createResumableUploadStore = ({
  pool,
  prisma,
}: {
  readonly pool: Pool
  readonly prisma: PrismaClient
}): ResumableUploadStore => ({
  create({ pieces, lengthBytes, receivedBytes, ...upload }, answer) {
    const data = {
      ...upload,
      lengthBytes: lengthBytes === null ? null : BigInt(lengthBytes),
      receivedBytes: BigInt(receivedBytes),
      pieces: JSON.parse(JSON.stringify(pieces)),
    }
    return writeKeyed(prisma, [prisma.resumableUpload.create({ data })], answer)
  },

  async find(tenantId, id) {
    const row = await prisma.resumableUpload.findFirst({ where: { id, tenantId } })
    return row === null ? null : toResumable(row)
  },

  async advance({ id, fromBytes }, { lengthBytes, receivedBytes, pieces }) {
    const values = [id, fromBytes, lengthBytes, receivedBytes, JSON.stringify(pieces)]
    return (await pool.query(advanceSql, values)).rowCount === 1
  },

  async finish({ id, fromBytes }, upload) {
    const values = [id, fromBytes, JSON.stringify(toColumns(upload))]
    return (await pool.query(finishSql, values)).rowCount === 1
  },

  async remove(tenantId, id) {
    const { rows } = await pool.query<{ pieces: readonly Piece[] }>(
      'DELETE FROM resumable_uploads WHERE id = $1 AND tenant_id = $2 RETURNING pieces',
      [id, tenantId],
    )
    return rows[0]?.pieces ?? null
  },
})
