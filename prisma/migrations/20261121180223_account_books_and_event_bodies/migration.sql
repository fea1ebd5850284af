-- AlterTable
ALTER TABLE "intake_events" ADD COLUMN     "body_digest" TEXT;

-- CreateTable
CREATE TABLE "account_books" (
    "account_id" TEXT NOT NULL,
    "generation_credits" INTEGER,
    "edit_credits" INTEGER,
    "balance" BIGINT,
    "balance_at" TIMESTAMPTZ(3),
    "unexplained" BIGINT NOT NULL DEFAULT 0,
    "booked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_books_pkey" PRIMARY KEY ("account_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "intake_events_intake_id_body_digest_key" ON "intake_events"("intake_id", "body_digest");

-- AddForeignKey
ALTER TABLE "account_books" ADD CONSTRAINT "account_books_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "provider_accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
