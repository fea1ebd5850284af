-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "erased_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "idempotency_keys_resource_id_idx" ON "idempotency_keys"("resource_id");
