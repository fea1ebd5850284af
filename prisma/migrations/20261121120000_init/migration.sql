-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "tenants" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "max_concurrency" INTEGER NOT NULL DEFAULT 1000,
    "rate_per_minute" INTEGER,
    "queue_bound" INTEGER,
    "max_credits_per_day" INTEGER,
    "retention_days" INTEGER NOT NULL DEFAULT 30,
    "callback_secret_sealed" TEXT,
    "previous_secret_sealed" TEXT,
    "previous_secret_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_accounts" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "kind" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "client_id_sealed" TEXT,
    "token_sealed" TEXT,
    "user_id" TEXT,
    "token_expires_at" TIMESTAMPTZ(3),
    "refresh_until" TIMESTAMPTZ(3),
    "refresh_epoch" INTEGER NOT NULL DEFAULT 0,
    "max_concurrency" INTEGER NOT NULL DEFAULT 1000,
    "paused_until" TIMESTAMPTZ(3),
    "breaker" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_sessions" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "task_id" TEXT,
    "user_id" TEXT,
    "job_id" TEXT,
    "skill" TEXT NOT NULL,
    "language" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "lost_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_requests" (
    "job_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "purpose" TEXT NOT NULL DEFAULT 'video',
    "skill" TEXT NOT NULL,
    "prompt" TEXT NOT NULL,
    "steps" TEXT[],
    "inputs" JSONB NOT NULL,
    "output" JSONB NOT NULL,
    "language" TEXT,
    "callback" JSONB,
    "on_unknown" TEXT NOT NULL,
    "max_credits" INTEGER,
    "metadata" JSONB NOT NULL,
    "tags" TEXT[],
    "dedupe_key" TEXT,
    "dedupe_until" TIMESTAMPTZ(3),

    CONSTRAINT "job_requests_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "jobs" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "skill" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "message_no" INTEGER NOT NULL DEFAULT 0,
    "seq" INTEGER NOT NULL DEFAULT 1,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "order_at" TIMESTAMPTZ(3) NOT NULL,
    "rung_at" TIMESTAMPTZ(3),
    "ring_no" INTEGER NOT NULL DEFAULT 0,
    "priority" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "crash_count" INTEGER NOT NULL DEFAULT 0,
    "operation_id" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "start_deadline_at" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),
    "session_id" TEXT,
    "batch_id" TEXT,
    "account_id" TEXT,
    "provider_session_id" TEXT,
    "provider_task_id" TEXT,
    "provider_user_id" TEXT,
    "render_id" TEXT,
    "render_url" TEXT,
    "artifact_id" TEXT,
    "notes" JSONB NOT NULL DEFAULT '{}',
    "progress" REAL NOT NULL DEFAULT 0,
    "timeline" TEXT,
    "message" TEXT,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "failure_code" TEXT,
    "failure_message" TEXT,
    "failure_stage" TEXT,
    "credits_estimated" INTEGER NOT NULL DEFAULT 0,
    "credits_spent" INTEGER NOT NULL DEFAULT 0,
    "credits_at_risk" INTEGER NOT NULL DEFAULT 0,
    "timings" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "stage_started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_events" (
    "job_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "data" JSONB NOT NULL,
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "feed_id" BIGSERIAL NOT NULL,

    CONSTRAINT "job_events_pkey" PRIMARY KEY ("job_id","seq")
);

-- CreateTable
CREATE TABLE "attempts" (
    "id" BIGSERIAL NOT NULL,
    "job_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "message_no" INTEGER NOT NULL,
    "try" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "owner" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "outcome" TEXT NOT NULL,
    "failure_code" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permits" (
    "id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "message_no" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "try" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_session_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "message_digest" TEXT NOT NULL,
    "baseline" JSONB NOT NULL,
    "credits_reserved" INTEGER NOT NULL,
    "credits_settled" INTEGER,
    "is_estimated" BOOLEAN NOT NULL DEFAULT false,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "accepted_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "permits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_inputs" (
    "job_id" TEXT NOT NULL,
    "no" INTEGER NOT NULL,
    "provider_session_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "filename" TEXT,
    "hash" TEXT,
    "provider_url" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),

    CONSTRAINT "job_inputs_pkey" PRIMARY KEY ("job_id","no","provider_session_id")
);

-- CreateTable
CREATE TABLE "uploads" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "duration_s" DOUBLE PRECISION,
    "storage_key" TEXT NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload_uses" (
    "upload_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,

    CONSTRAINT "upload_uses_pkey" PRIMARY KEY ("upload_id","job_id")
);

-- CreateTable
CREATE TABLE "artifacts" (
    "id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "storage_key" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "duration_s" DOUBLE PRECISION NOT NULL,
    "video_codec" TEXT,
    "audio_codec" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "artifacts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "callback_endpoints" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "description" TEXT,
    "secret_sealed" TEXT NOT NULL,
    "previous_secret_sealed" TEXT,
    "previous_secret_until" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "callback_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "callback_deliveries" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "endpoint_id" TEXT,
    "event_seq" INTEGER NOT NULL,
    "event_id" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "rung_at" TIMESTAMPTZ(3),
    "ring_no" INTEGER NOT NULL DEFAULT 0,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "body" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),

    CONSTRAINT "callback_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "callback_attempts" (
    "delivery_id" TEXT NOT NULL,
    "no" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "http_status" INTEGER,
    "error" TEXT,
    "response_head" TEXT,

    CONSTRAINT "callback_attempts_pkey" PRIMARY KEY ("delivery_id","no")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "tenant_id" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "body" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("tenant_id","route","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenants_name_key" ON "tenants"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "api_keys_tenant_id_idx" ON "api_keys"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "provider_accounts_identity_key" ON "provider_accounts"("identity");

-- CreateIndex
CREATE INDEX "provider_accounts_tenant_id_idx" ON "provider_accounts"("tenant_id");

-- CreateIndex
CREATE INDEX "provider_sessions_job_id_idx" ON "provider_sessions"("job_id");

-- CreateIndex
CREATE INDEX "provider_sessions_tenant_id_created_at_idx" ON "provider_sessions"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "job_requests_tenant_id_dedupe_key_idx" ON "job_requests"("tenant_id", "dedupe_key");

-- CreateIndex
CREATE INDEX "job_requests_tags_idx" ON "job_requests" USING GIN ("tags");

-- CreateIndex
CREATE INDEX "job_requests_metadata_idx" ON "job_requests" USING GIN ("metadata" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "jobs_tenant_id_created_at_id_idx" ON "jobs"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "jobs_batch_id_idx" ON "jobs"("batch_id");

-- CreateIndex
CREATE INDEX "jobs_session_id_idx" ON "jobs"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "job_events_id_key" ON "job_events"("id");

-- CreateIndex
CREATE INDEX "job_events_tenant_id_xid_feed_id_idx" ON "job_events"("tenant_id", "xid", "feed_id");

-- CreateIndex
CREATE INDEX "attempts_job_id_idx" ON "attempts"("job_id");

-- CreateIndex
CREATE INDEX "permits_account_id_created_at_idx" ON "permits"("account_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "permits_job_id_message_no_attempt_try_key" ON "permits"("job_id", "message_no", "attempt", "try");

-- CreateIndex
CREATE INDEX "uploads_tenant_id_created_at_idx" ON "uploads"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "uploads_expires_at_idx" ON "uploads"("expires_at");

-- CreateIndex
CREATE INDEX "upload_uses_job_id_idx" ON "upload_uses"("job_id");

-- CreateIndex
CREATE INDEX "artifacts_job_id_idx" ON "artifacts"("job_id");

-- CreateIndex
CREATE INDEX "artifacts_expires_at_idx" ON "artifacts"("expires_at");

-- CreateIndex
CREATE INDEX "callback_endpoints_tenant_id_idx" ON "callback_endpoints"("tenant_id");

-- CreateIndex
CREATE INDEX "callback_deliveries_tenant_id_created_at_idx" ON "callback_deliveries"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "callback_deliveries_job_id_idx" ON "callback_deliveries"("job_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- AddForeignKey
ALTER TABLE "job_requests" ADD CONSTRAINT "job_requests_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "callback_attempts" ADD CONSTRAINT "callback_attempts_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "callback_deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- By hand from here on: what the schema language cannot say.

-- An id of api.md §0: a prefix and a UUIDv7 (RFC 9562 §5.7), made where the row is made.
CREATE FUNCTION new_id(prefix text) RETURNS text
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT prefix || '_' || encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
        FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid::text
$$;

-- The states of src/job/lifecycle.ts; a test holds them equal.
ALTER TABLE jobs
  ADD CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled')),
  ADD CONSTRAINT jobs_priority_check CHECK (priority IN ('low', 'normal', 'high')),
  ADD CONSTRAINT jobs_lease_check CHECK ((state = 'running') = (lease_until IS NOT NULL)),
  ADD CONSTRAINT jobs_finished_check CHECK ((state IN ('succeeded', 'failed', 'canceled')) = (finished_at IS NOT NULL));
ALTER TABLE permits
  ADD CONSTRAINT permits_state_check
  CHECK (state IN ('open', 'accepted', 'not_sent', 'rejected', 'not_accepted', 'unknown', 'settled'));
ALTER TABLE callback_deliveries
  ADD CONSTRAINT callback_deliveries_state_check CHECK (state IN ('waiting', 'delivered', 'failed', 'exhausted'));

-- One message at a time in a session of the provider.
CREATE UNIQUE INDEX permits_one_open_per_session ON permits (provider_session_id) WHERE state IN ('open', 'accepted');

-- What the dispatcher reads. Each holds only the rows that it may pick, so its cost does not grow with the history.
CREATE INDEX jobs_queued_idx ON jobs (tenant_id, order_at, id) WHERE state = 'queued';
CREATE INDEX jobs_waiting_idx ON jobs (due_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_running_idx ON jobs (id) INCLUDE (tenant_id, account_id) WHERE state = 'running';
CREATE INDEX jobs_rung_idx ON jobs (rung_at) WHERE rung_at IS NOT NULL;
CREATE INDEX jobs_start_deadline_idx ON jobs (start_deadline_at) WHERE state = 'queued' AND start_deadline_at IS NOT NULL;
CREATE INDEX jobs_deadline_idx ON jobs (deadline_at) WHERE state = 'queued' AND deadline_at IS NOT NULL;
CREATE INDEX jobs_open_session_idx ON jobs (session_id, created_at, id)
  WHERE session_id IS NOT NULL AND state IN ('queued', 'running', 'waiting');
CREATE INDEX callback_deliveries_due_idx ON callback_deliveries (due_at, id) WHERE state = 'waiting';

-- A job is rewritten a dozen times and then never again.
ALTER TABLE jobs SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE callback_deliveries SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
