-- AlterTable
ALTER TABLE "callback_deliveries" ADD COLUMN     "tries_before" INTEGER NOT NULL DEFAULT 0,
ALTER COLUMN "job_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "callback_endpoints" ADD COLUMN     "failures" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "provider_accounts" ADD COLUMN     "token_set_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "tenants" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "key_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_log_at_id_idx" ON "audit_log"("at" DESC, "id" DESC);

-- By hand from here on: what the schema language cannot say.

-- A delivery is either about a job, or brings its body with it.
ALTER TABLE callback_deliveries
  ADD CONSTRAINT callback_deliveries_subject_check CHECK (job_id IS NOT NULL OR body IS NOT NULL);
ALTER TABLE tenants
  ADD CONSTRAINT tenants_limits_check CHECK (weight >= 1 AND max_concurrency >= 0 AND retention_days >= 1);

-- The deliveries of one endpoint, newest first; those of the jobs' own callbacks do not pay for it.
CREATE INDEX callback_deliveries_endpoint_idx ON callback_deliveries (endpoint_id, created_at DESC, id DESC)
  WHERE endpoint_id IS NOT NULL;

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log is append-only';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
