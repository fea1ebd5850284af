-- CreateTable
CREATE TABLE "feed_trims" (
    "tenant_id" TEXT NOT NULL,
    "xid" xid8 NOT NULL,
    "feed_id" BIGINT NOT NULL,

    CONSTRAINT "feed_trims_pkey" PRIMARY KEY ("tenant_id")
);
