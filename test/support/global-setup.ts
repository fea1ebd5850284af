import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrateQueue } from '../../src/queue/migrate.ts'
import { startEmbeddedPostgres } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { runOnServer, withDatabase } from './database.ts'

/**
 * Starts one Postgres for the whole run (or uses the one that DATABASE_URL names) and migrates the template database.
 * The server does without fsync: tests kill processes, not machines. Nothing lives long enough to be vacuumed.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  const template = `clipline_template_${process.pid}_${project.name}`
  try {
    const templateUrl = withDatabase(server.url, template)
    await runOnServer(server.url, `CREATE DATABASE ${template} TEMPLATE template0`)
    await migrate(templateUrl, { alsoMigrate: migrateQueue })
  } catch (error) {
    await server.stop()
    throw error
  }

  project.provide('databaseServerUrl', server.url)
  project.provide('isServerLent', server.isLent)
  project.provide('templateDatabase', template)
  return async () => {
    await runOnServer(server.url, `DROP DATABASE ${template} WITH (FORCE)`)
    await server.stop()
  }
}

const startServer = async (): Promise<{ url: string; isLent: boolean; stop(): Promise<void> }> => {
  const url = process.env['DATABASE_URL']
  if (url) return { url, isLent: true, stop: async () => undefined }

  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-test-'))
  const server = await startEmbeddedPostgres({
    dataDir,
    settings: { fsync: 'off', autovacuum: 'off', max_connections: '300' },
  })
  return {
    url: server.url,
    isLent: false,
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true })
    },
  }
}
