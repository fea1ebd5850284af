-- By hand: what the schema language cannot say.

-- What waits for one endpoint, and what of it was put aside (due at no time): found without looking at what was delivered.
CREATE INDEX callback_deliveries_endpoint_waiting_idx ON callback_deliveries (endpoint_id, due_at, id)
  WHERE endpoint_id IS NOT NULL AND state = 'waiting';
