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
