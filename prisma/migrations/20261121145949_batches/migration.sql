-- DropIndex
DROP INDEX "jobs_batch_id_idx";

-- AlterTable
ALTER TABLE "callback_deliveries" ADD COLUMN     "batch_id" TEXT;

-- AlterTable
ALTER TABLE "job_requests" ADD COLUMN     "batch_id" TEXT,
ADD COLUMN     "batch_line" INTEGER,
ADD COLUMN     "custom_id" TEXT,
ADD COLUMN     "deadline_s" INTEGER,
ADD COLUMN     "line_key" TEXT,
ADD COLUMN     "run_at" TIMESTAMPTZ(3),
ADD COLUMN     "start_deadline_s" INTEGER;

-- CreateTable
CREATE TABLE "batches" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "name" TEXT,
    "state" TEXT NOT NULL DEFAULT 'open',
    "defaults" JSONB NOT NULL DEFAULT '{}',
    "callback" JSONB,
    "max_credits" INTEGER,
    "all_or_nothing" BOOLEAN NOT NULL DEFAULT false,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "accepted" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "credits_estimated" BIGINT NOT NULL DEFAULT 0,
    "released" INTEGER NOT NULL DEFAULT 0,
    "released_to" TEXT NOT NULL DEFAULT '',
    "released_at" TIMESTAMPTZ(3),
    "ending" TEXT,
    "redrive" JSONB,
    "seq" INTEGER NOT NULL DEFAULT 0,
    "stream_key" TEXT,
    "stream_sha256" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "batches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "batch_rejections" (
    "batch_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "custom_id" TEXT,
    "is_malformed" BOOLEAN NOT NULL,
    "faults" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "batch_rejections_pkey" PRIMARY KEY ("batch_id","line","digest")
);

-- CreateIndex
CREATE INDEX "batches_tenant_id_created_at_id_idx" ON "batches"("tenant_id", "created_at" DESC, "id" DESC);

-- By hand from here on: what the schema language cannot say.

ALTER TABLE batches
  ADD CONSTRAINT batches_state_check CHECK (
    state IN ('open', 'running', 'canceling', 'completed', 'completed_with_errors', 'failed', 'canceled')),
  ADD CONSTRAINT batches_ending_check CHECK (ending IN ('canceled', 'failed')),
  ADD CONSTRAINT batches_finished_check CHECK (
    (state IN ('completed', 'completed_with_errors', 'failed', 'canceled')) = (finished_at IS NOT NULL));
ALTER TABLE batches SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- What the keeper of the batches looks at.
CREATE INDEX batches_active_idx ON batches (id) WHERE state IN ('running', 'canceling');
CREATE UNIQUE INDEX batches_stream_key_idx ON batches (tenant_id, stream_key) WHERE stream_key IS NOT NULL;

-- A batch's jobs in the order of their lines, and those that have not ended; jobs of no batch do not pay for either.
CREATE INDEX jobs_batch_idx ON jobs (batch_id, id) WHERE batch_id IS NOT NULL;
CREATE INDEX jobs_batch_open_idx ON jobs (batch_id, id) WHERE batch_id IS NOT NULL AND finished_at IS NULL;

-- A line that is sent again is the same line.
CREATE UNIQUE INDEX job_requests_line_key_idx ON job_requests (batch_id, line_key) WHERE line_key IS NOT NULL;
CREATE INDEX batch_rejections_custom_id_idx ON batch_rejections (batch_id, custom_id) WHERE custom_id IS NOT NULL;
