-- AlterTable
ALTER TABLE "provider_accounts" ADD COLUMN     "renew_after" TIMESTAMPTZ(3);
