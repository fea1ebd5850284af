import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of a test file's own. */
export interface TestDatabase {
  readonly url: string
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server on which the tests may create databases. */
    databaseServerUrl: string
    /** The migrated database of which each test file gets a copy. */
    templateDatabase: string
  }
}

/** Makes a migrated database as a copy of the template, which takes milliseconds. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const serverUrl = inject('databaseServerUrl')
  const name = `clipline_test_${randomBytes(6).toString('hex')}`
  await runOnServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`)
  return {
    url: withDatabase(serverUrl, name),
    drop: () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

/** Makes a database with nothing in it. */
export const createEmptyDatabase = async (): Promise<TestDatabase> => {
  const serverUrl = inject('databaseServerUrl')
  const name = `clipline_test_${randomBytes(6).toString('hex')}`
  await runOnServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`)
  return {
    url: withDatabase(serverUrl, name),
    drop: () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

export const withDatabase = (serverUrl: string, name: string): string => {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

export const runOnServer = async (serverUrl: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
