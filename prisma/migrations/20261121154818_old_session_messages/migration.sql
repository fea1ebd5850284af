-- What the retention sweep looks for: exchanges without a job, which nothing else takes along.
CREATE INDEX session_messages_by_age ON session_messages (tenant_id, at) WHERE job_id IS NULL;
