import type { Pool } from 'pg'

/** How many permits of a message ended without effect. */
export interface PermitTries {
  /** Its message was sent, and proved to have had none. */
  readonly notAccepted: number
  /** It never left. */
  readonly notSent: number
}

const countTriesSql = `
SELECT count(*) FILTER (WHERE o.state = 'not_accepted')::int AS "notAccepted",
  count(*) FILTER (WHERE o.state = 'not_sent')::int AS "notSent"
FROM permits p JOIN permits o ON o.job_id = p.job_id AND o.message_no = p.message_no AND o.attempt = p.attempt
WHERE p.id = $1`

/** Of the message that the permit is for, in the same attempt of its job. */
export const countPermitTries = async (pool: Pool, permitId: string): Promise<PermitTries> => {
  const { rows } = await pool.query<PermitTries>({
    name: 'count-permit-tries',
    text: countTriesSql,
    values: [permitId],
  })
  return rows[0] ?? { notAccepted: 0, notSent: 0 }
}
