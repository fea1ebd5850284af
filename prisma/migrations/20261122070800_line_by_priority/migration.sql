-- By hand: what the schema language cannot say.

-- Within a priority all that are due stand before those for later: a round of the dispatcher meets none of these.
CREATE INDEX jobs_line_idx ON jobs (tenant_id, priority, order_at, id) WHERE state = 'queued';
DROP INDEX jobs_queued_idx;
