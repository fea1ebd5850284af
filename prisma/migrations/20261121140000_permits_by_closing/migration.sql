-- DropIndex
DROP INDEX "permits_account_id_created_at_idx";

-- CreateIndex
CREATE INDEX "permits_account_id_closed_at_idx" ON "permits"("account_id", "closed_at");
