-- AlterTable
ALTER TABLE "permits" ADD COLUMN     "budget_ids" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "tallies" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "batch_id" TEXT,
    "day" DATE NOT NULL,
    "skill" TEXT NOT NULL,
    "tags" TEXT[],
    "from_state" TEXT,
    "to_state" TEXT NOT NULL,
    "jobs" INTEGER NOT NULL,
    "credits_spent" INTEGER NOT NULL DEFAULT 0,
    "credits_at_risk" INTEGER NOT NULL DEFAULT 0,
    "render_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "size_bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "tallies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "batch_counts" (
    "batch_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "jobs" INTEGER NOT NULL,
    "credits_spent" BIGINT NOT NULL DEFAULT 0,
    "credits_at_risk" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "batch_counts_pkey" PRIMARY KEY ("batch_id","state")
);

-- CreateTable
CREATE TABLE "usage_days" (
    "tenant_id" TEXT NOT NULL,
    "dimension" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "key" TEXT NOT NULL,
    "succeeded" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "canceled" INTEGER NOT NULL,
    "credits_spent" BIGINT NOT NULL,
    "credits_at_risk" BIGINT NOT NULL,
    "render_seconds" DOUBLE PRECISION NOT NULL,
    "size_bytes" BIGINT NOT NULL,

    CONSTRAINT "usage_days_pkey" PRIMARY KEY ("tenant_id","dimension","day","key")
);

-- CreateTable
CREATE TABLE "budgets" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "max_credits" INTEGER NOT NULL,
    "reserved" INTEGER NOT NULL DEFAULT 0,
    "spent" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "budgets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "queue_depths" (
    "state" TEXT NOT NULL,
    "jobs" INTEGER NOT NULL,
    "oldest_at" TIMESTAMPTZ(3),
    "counted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "queue_depths_pkey" PRIMARY KEY ("state")
);

-- By hand from here on: what the schema language cannot say.

ALTER TABLE usage_days
  ADD CONSTRAINT usage_days_dimension_check CHECK (dimension IN ('total', 'skill', 'tag'));
ALTER TABLE queue_depths
  ADD CONSTRAINT queue_depths_state_check CHECK (state IN ('queued', 'running', 'waiting'));

-- Rows of tallies live for a second, and whoever reads figures reads them all; the others are rewritten each second.
ALTER TABLE tallies SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE batch_counts SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE usage_days SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE budgets SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
