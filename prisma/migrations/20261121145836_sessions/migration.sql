-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "skill" TEXT NOT NULL,
    "language" TEXT,
    "metadata" JSONB NOT NULL,
    "account_id" TEXT,
    "provider_session_id" TEXT,
    "provider_task_id" TEXT,
    "provider_user_id" TEXT,
    "lost_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session_messages" (
    "no" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "text" TEXT,
    "job_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_messages_pkey" PRIMARY KEY ("no")
);

-- CreateIndex
CREATE INDEX "sessions_tenant_id_created_at_id_idx" ON "sessions"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "session_messages_id_key" ON "session_messages"("id");

-- CreateIndex
CREATE INDEX "session_messages_session_id_no_idx" ON "session_messages"("session_id", "no");

-- CreateIndex
CREATE INDEX "session_messages_job_id_idx" ON "session_messages"("job_id");

ALTER TABLE session_messages
  ADD CONSTRAINT session_messages_role_check CHECK (role IN ('user', 'assistant')),
  ADD CONSTRAINT session_messages_action_check
    CHECK (action IN ('generate', 'export', 'upload', 'credits', 'status', 'subtitles')),
  ADD CONSTRAINT session_messages_text_check CHECK (text IS NOT NULL OR job_id IS NOT NULL);

-- One job of a conversation at a time, whoever claims it.
CREATE UNIQUE INDEX jobs_one_at_work_per_session ON jobs (session_id)
  WHERE session_id IS NOT NULL AND state IN ('running', 'waiting');

-- Has a conversation sent anything in its provider session? A lost one that has not can be made anew.
CREATE INDEX permits_by_session ON permits (provider_session_id);
