-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "trimmed_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "resumable_uploads" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "metadata" TEXT NOT NULL,
    "length_bytes" BIGINT,
    "received_bytes" BIGINT NOT NULL DEFAULT 0,
    "pieces" JSONB NOT NULL DEFAULT '[]',
    "upload_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "resumable_uploads_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "resumable_uploads_expires_at_idx" ON "resumable_uploads"("expires_at");

-- CreateIndex
CREATE INDEX "intake_events_received_at_idx" ON "intake_events"("received_at");

ALTER TABLE resumable_uploads
  ADD CONSTRAINT resumable_uploads_bytes_check CHECK (received_bytes >= 0 AND received_bytes <= COALESCE(length_bytes, received_bytes));

-- Ended jobs whose history is still there, for the retention sweep.
CREATE INDEX jobs_untrimmed_idx ON jobs (tenant_id, finished_at)
  WHERE finished_at IS NOT NULL AND (trimmed_at IS NULL OR trimmed_at < finished_at);
