import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

/**
 * For `prisma generate` only; migrations are applied by `clipline migrate`. Naming any existing file as the native
 * schema engine keeps the command line from downloading one, which generating does not need.
 */
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= fileURLToPath(import.meta.url)

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
})
