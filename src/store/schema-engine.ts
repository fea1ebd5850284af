import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList, SchemasContainer } from '@prisma/schema-engine-wasm/schema_engine_bg'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import { migrationsDir, prismaDir, readMigrations } from './migrations.ts'
import { openEngineAdapter } from './schema-engine-adapter.ts'

export type SchemaEngine = bindings.SchemaEngine

/** Everything that the engine is asked about is ours to manage. */
export const noFilters = { externalTables: [], externalEnums: [] }

/** The last piece of work that was asked for; the engine's instance in a process takes one at a time. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Lends Prisma's schema engine for one piece of work on a database, after the pieces before it. It is the WebAssembly
 * build, because the command line's native one is downloaded when it is first used, which fails in closed networks
 * (architecture.md §8).
 */
export const withSchemaEngine = <T>(
  databaseUrl: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> => {
  const mine = last.then(() => lendEngine(databaseUrl, work))
  last = mine.catch(() => undefined)
  return mine
}

const lendEngine = async <T>(databaseUrl: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> => {
  await loadEngine()
  const adapter = openEngineAdapter(databaseUrl)
  try {
    const { files } = await readSchema()
    const datamodels = files.map(({ path, content }): [string, string] => [path, content])
    const bound = bindMigrationAwareSqlAdapterFactory(adapter.factory)
    return await work(await bindings.SchemaEngine.new({ datamodels }, ignoreEngineLog, bound))
  } finally {
    await adapter.close()
  }
}

/** `prisma/schema.prisma`, in the engine's form. */
export const readSchema = async (): Promise<SchemasContainer> => ({
  files: [{ path: 'schema.prisma', content: await readFile(join(prismaDir, 'schema.prisma'), 'utf8') }],
})

/** The migrations of the package, in the engine's form. */
export const readMigrationList = async (): Promise<MigrationList> => {
  const lockfile = await readFile(join(migrationsDir, 'migration_lock.toml'), 'utf8')
  const migrations = await readMigrations()
  return {
    baseDir: migrationsDir,
    lockfile: { path: 'migration_lock.toml', content: lockfile },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  }
}

/** What the engine tells about its work; its results and errors say all that we need. */
const ignoreEngineLog = (): void => undefined

/** The part of the global that the standard library's types leave to browsers. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

/**
 * Once in a process, also where this module is loaded twice, as by test runners: the bindings hold a single instance,
 * and everything that another one has made would break.
 */
const shared = globalThis as { cliplineSchemaEngine?: Promise<void> }

/** Node 22 cannot import WebAssembly as a module, so we do what the package's own entry would. */
const loadEngine = (): Promise<void> => {
  shared.cliplineSchemaEngine ??= instantiateEngine()
  return shared.cliplineSchemaEngine
}

const instantiateEngine = async (): Promise<void> => {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const bytes = await readFile(join(dirname(entry), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings })
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: throwPanic } })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

const throwPanic = (message: string): never => {
  throw new Error(`Prisma's schema engine panicked: ${message}`)
}
