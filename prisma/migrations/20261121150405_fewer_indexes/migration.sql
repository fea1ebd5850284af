-- DropIndex
DROP INDEX "attempts_job_id_idx";

-- DropIndex
DROP INDEX "job_events_id_key";

-- DropIndex
DROP INDEX "jobs_session_id_idx";

-- AlterTable
ALTER TABLE "attempts" DROP CONSTRAINT "attempts_pkey",
ADD CONSTRAINT "attempts_pkey" PRIMARY KEY ("job_id", "id");

-- By hand from here on: what the schema language cannot say.

-- Most jobs are in no conversation: they need no entry, nor a new one with each of their versions.
CREATE INDEX jobs_session_idx ON jobs (session_id, id) WHERE session_id IS NOT NULL;

-- Said by `closed_at`, so that accepting a permit touches no index. Every state but open and accepted is a closed one.
DROP INDEX permits_one_open_per_session;
CREATE UNIQUE INDEX permits_one_open_per_session ON permits (provider_session_id) WHERE closed_at IS NULL;
ALTER TABLE permits
  ADD CONSTRAINT permits_closed_check CHECK ((state IN ('open', 'accepted')) = (closed_at IS NULL)),
  SET (fillfactor = 80);

-- The next version of a row is written beside it, without a touch of any index, where its page has room.
ALTER TABLE jobs SET (fillfactor = 50);
