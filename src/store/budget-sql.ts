/** Budgets in the statements of the writer: what was reserved for a message is settled or released as it closes. */

/**
 * For the permits that the CTE `side` closes. A permit without a budget costs the look at its own row. One that is
 * closed again, by a redrive that has found out more, corrects what was spent; locked, so that two who close it at once
 * release it once. Budgets are locked in id order.
 */
export const settledBudgets = `
closing AS MATERIALIZED (
  SELECT s.credits_settled, p.*
  FROM side s CROSS JOIN LATERAL (
    SELECT p.budget_ids, p.credits_reserved, p.credits_settled AS settled_before, p.closed_at FROM permits p
    WHERE p.id = s.id AND p.budget_ids <> '{}' FOR UPDATE) p
  WHERE s.kind = 'permit'
),
settled AS MATERIALIZED (
  SELECT budget_id, sum(CASE WHEN c.closed_at IS NULL THEN c.credits_reserved ELSE 0 END) AS released,
    sum(COALESCE(c.credits_settled, 0) - COALESCE(c.settled_before, 0)) AS spent
  FROM closing c, unnest(c.budget_ids) AS budget_id GROUP BY budget_id
),
locked_budgets AS MATERIALIZED (
  SELECT id FROM budgets WHERE id = ANY (ARRAY(SELECT budget_id FROM settled)) ORDER BY id FOR UPDATE
),
budgets AS (
  UPDATE budgets b SET reserved = b.reserved - s.released, spent = b.spent + s.spent
  FROM settled s WHERE b.id = s.budget_id AND b.id = ANY (ARRAY(SELECT id FROM locked_budgets))
)`

/** Belongs to the condition of the update that closes the permits: rows that it has changed cannot be locked any more. */
export const afterSettledBudgets = '(SELECT count(*) FROM closing) >= 0'
