-- CreateTable
CREATE TABLE "intakes" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "verifier" JSONB NOT NULL,
    "secret_sealed" TEXT,
    "mapping" TEXT NOT NULL,
    "defaults" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "intakes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "intake_events" (
    "intake_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "intake_events_pkey" PRIMARY KEY ("intake_id","event_id")
);

-- CreateTable
CREATE TABLE "intake_failures" (
    "id" TEXT NOT NULL,
    "intake_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "problem" JSONB NOT NULL,
    "content_type" TEXT NOT NULL,
    "payload" BYTEA,
    "tries" INTEGER NOT NULL DEFAULT 1,
    "job_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tried_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "intake_failures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenant_events" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "data" JSONB NOT NULL,
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "feed_id" BIGINT NOT NULL DEFAULT nextval('job_events_feed_id_seq'::regclass),

    CONSTRAINT "tenant_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "intakes_tenant_id_created_at_id_idx" ON "intakes"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "intake_failures_intake_id_created_at_id_idx" ON "intake_failures"("intake_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "intake_failures_expires_at_idx" ON "intake_failures"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "intake_failures_intake_id_event_id_key" ON "intake_failures"("intake_id", "event_id");

-- CreateIndex
CREATE INDEX "tenant_events_tenant_id_xid_feed_id_idx" ON "tenant_events"("tenant_id", "xid", "feed_id");

-- By hand from here on: what the schema language cannot say.

-- Only who verifies nothing has no secret.
ALTER TABLE intakes
  ADD CONSTRAINT intakes_secret_check CHECK ((verifier->>'type' = 'none') = (secret_sealed IS NULL));
-- A kept event either still has its body, or has become a job.
ALTER TABLE intake_failures
  ADD CONSTRAINT intake_failures_payload_check CHECK ((payload IS NULL) = (job_id IS NOT NULL));
