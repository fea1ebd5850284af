-- CreateTable
CREATE TABLE "line_streams" (
    "id" BIGSERIAL NOT NULL,
    "batch_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "lines" INTEGER NOT NULL DEFAULT 0,
    "digest" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "line_streams_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "line_streams_batch_id_key_key" ON "line_streams"("batch_id", "key");
