/** The database could not be migrated. What was begun left nothing behind; the next run tries it again. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed'
}
