-- AlterTable
ALTER TABLE "batches" ADD COLUMN     "trimmed_at" TIMESTAMPTZ(3);

-- By hand from here on: what the schema language cannot say.

-- What the sweep has removed before is not looked for again.
UPDATE batches b SET trimmed_at = now()
WHERE rejected > 0 AND finished_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM batch_rejections r WHERE r.batch_id = b.id);

-- What the sweep looks at each minute: few rows each, however many there are beside them.
CREATE INDEX batches_open_idx ON batches (tenant_id, created_at) WHERE state = 'open';
CREATE INDEX batches_untrimmed_idx ON batches (tenant_id, finished_at) WHERE rejected > 0 AND trimmed_at IS NULL;
CREATE INDEX budgets_day_idx ON budgets ((right(id, 10) COLLATE "C")) WHERE strpos(id, ':') > 0;
