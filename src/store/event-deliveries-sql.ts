/**
 * Deliveries for the events of the CTE `events` (job_id, seq, id, tenant_id, type): the job's own, and the tenant's.
 * `rungAt` is now where whoever writes answers them at once; otherwise the dispatcher rings.
 */
export const deliveriesRungAt = (rungAt: string): string => `
deliveries AS (
  INSERT INTO callback_deliveries
    (id, tenant_id, job_id, endpoint_id, event_seq, event_id, event_type, state, due_at, rung_at)
  SELECT new_id('dlv'), e.tenant_id, e.job_id, NULL, e.seq, e.id, e.type, 'waiting', now(), ${rungAt}
  FROM events e CROSS JOIN LATERAL (
    SELECT q.callback FROM job_requests q WHERE q.job_id = e.job_id OFFSET 0) q
  WHERE q.callback->'events' ? e.type
  UNION ALL
  SELECT new_id('dlv'), e.tenant_id, e.job_id, c.id, e.seq, e.id, e.type, 'waiting', now(), ${rungAt}
  FROM events e CROSS JOIN LATERAL (
    SELECT c.id FROM callback_endpoints c
    WHERE c.tenant_id = e.tenant_id AND c.disabled_at IS NULL AND e.type = ANY (c.events) OFFSET 0) c
  RETURNING id, job_id
)`
