/**
 * Walks through the jobs of a batch in the order of their ids, from index entry to index entry. Asked for the next
 * thousand at once, the planner, who cannot know how large a batch is, would read and sort all of it for each page.
 */

/** A CTE `walk` of at most `most` jobs of `batch` after `after`; all three are SQL. Needs `WITH RECURSIVE`. */
export const walkOf = (place: {
  readonly batch: string
  readonly after: string
  readonly most: string
  /** A condition of the index that is walked through. */
  readonly where?: string
}): string => {
  const next = (after: string) => `
    SELECT j.id FROM jobs j
    WHERE j.batch_id = ${place.batch} AND j.id > ${after}${place.where === undefined ? '' : ` AND ${place.where}`}
    ORDER BY j.id LIMIT 1`
  return `
walk AS (
  (SELECT first.id, 1 AS no FROM (${next(place.after)}) first)
  UNION ALL
  SELECT further.id, w.no + 1 FROM walk w CROSS JOIN LATERAL (${next('w.id')}) further WHERE w.no < ${place.most}
)`
}
