import { noFilters, readMigrationList, readSchema, withSchemaEngine } from './schema-engine.ts'

/**
 * The SQL that would bring a freshly migrated database to `prisma/schema.prisma`; empty when they agree. Needs the
 * right to create a database, in which the migrations are tried; it is dropped again.
 *
 * What a Prisma schema cannot say (partial and expression indexes, CHECK constraints, functions, storage parameters)
 * does not count as drift.
 */
export const findDrift = async (databaseUrl: string): Promise<string> => {
  const migrations = await readMigrationList()
  const schema = await readSchema()
  const { stdout } = await withSchemaEngine(databaseUrl, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: noFilters,
    }),
  )
  const script = stdout?.trim() ?? ''
  return script === '-- This is an empty migration.' ? '' : script
}
