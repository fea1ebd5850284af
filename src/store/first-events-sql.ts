/**
 * CTEs of a statement whose CTE `accepted` (id, tenant_id, skill, callback) are new jobs: the first event of each, with
 * `data` as SQL over `accepted`, and its deliveries to those who want to hear of it.
 */
export const firstEvents = (data: string): string => `events AS (
  INSERT INTO job_events (job_id, seq, id, tenant_id, type, epoch, data)
  SELECT id, 1, new_id('evt'), tenant_id, 'job.queued', 0, ${data} FROM accepted
  RETURNING job_id, seq, id, tenant_id, type
),
deliveries AS (
  INSERT INTO callback_deliveries
    (id, tenant_id, job_id, endpoint_id, event_seq, event_id, event_type, state, due_at)
  SELECT new_id('dlv'), e.tenant_id, e.job_id, NULL, e.seq, e.id, e.type, 'waiting', now()
  FROM events e JOIN accepted a ON a.id = e.job_id WHERE a.callback->'events' ? e.type
  UNION ALL
  SELECT new_id('dlv'), e.tenant_id, e.job_id, c.id, e.seq, e.id, e.type, 'waiting', now()
  FROM events e JOIN callback_endpoints c
    ON c.tenant_id = e.tenant_id AND c.disabled_at IS NULL AND e.type = ANY (c.events)
)`
