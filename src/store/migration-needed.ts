/** The database is older than this version of Clipline. What runs on it all the same fails later, by columns it misses. */
export class MigrationNeeded extends Error {
  override readonly name = 'MigrationNeeded'
}
