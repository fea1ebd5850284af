/**
 * CTEs of a statement whose CTE `given` (id, upload_ids) are jobs that are wanted: `lacking` are those that name an
 * upload which is gone by now. The others are locked, so that none is deleted before the job that takes it is there.
 */
export const lackingUploads = `held AS MATERIALIZED (
  SELECT id FROM uploads WHERE id = ANY (ARRAY(SELECT unnest(upload_ids) FROM given))
  ORDER BY id FOR NO KEY UPDATE
),
lacking AS MATERIALIZED (
  SELECT id FROM given
  WHERE EXISTS (SELECT 1 FROM unnest(upload_ids) AS upload_id WHERE upload_id NOT IN (SELECT id FROM held))
)`

/**
 * The CTE `locked`: those of the transitions `candidates` (job_id, upload_ids or null) whose uploads are all there. These are
 * locked after the jobs, as everywhere.
 */
export const withTheirUploads = `
held AS MATERIALIZED (
  SELECT id FROM uploads WHERE id = ANY (ARRAY(SELECT unnest(upload_ids) FROM candidates))
  ORDER BY id FOR NO KEY UPDATE
),
locked AS MATERIALIZED (
  SELECT * FROM candidates WHERE COALESCE(upload_ids, '{}') <@ ARRAY(SELECT id FROM held)
)`

/** CTEs of a statement with those: the uploads are in use again, also where retention has let go of them. */
export const usesOfTransitions = `
uses AS (
  INSERT INTO upload_uses (upload_id, job_id)
  SELECT DISTINCT upload_id, job_id FROM locked, unnest(upload_ids) AS upload_id
  ON CONFLICT DO NOTHING
),
kept AS (
  UPDATE uploads SET used_at = now(), expires_at = NULL
  WHERE id = ANY (ARRAY(SELECT unnest(upload_ids) FROM locked))
)`

/** CTEs of a statement whose CTE `accepted` (id, upload_ids) are new jobs: their uploads are in use, and stay. */
export const usesOfUploads = `uses AS (
  INSERT INTO upload_uses (upload_id, job_id)
  SELECT DISTINCT upload_id, id FROM accepted, unnest(upload_ids) AS upload_id
  RETURNING upload_id
),
kept AS (
  UPDATE uploads u SET used_at = now(), expires_at = NULL
  FROM (SELECT DISTINCT upload_id FROM uses ORDER BY upload_id) used WHERE u.id = used.upload_id
)`
