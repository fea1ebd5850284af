import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of a test file's own. */
export interface TestDatabase {
  readonly url: string
  /** Ends it, whoever is still connected. */
  drop(): Promise<void>
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server on which the tests may create databases. */
    databaseServerUrl: string
    /** The server stays when the tests are over, and with it whatever they leave there. */
    isServerLent: boolean
    /** The migrated database of which each test file gets a copy. */
    templateDatabase: string
  }
}

/** Makes a migrated database as a copy of the template, which takes milliseconds. */
export const createTestDatabase = (): Promise<TestDatabase> => createDatabase(inject('templateDatabase'))

/** Makes a database with nothing in it. */
export const createEmptyDatabase = (): Promise<TestDatabase> => createDatabase('template0')

const createDatabase = async (template: string): Promise<TestDatabase> => {
  const serverUrl = inject('databaseServerUrl')
  const name = `clipline_test_${randomBytes(6).toString('hex')}`
  await runOnServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  // A server of our own goes with all that is in it: hundreds of files removed each time would slow down whatever
  // makes new ones.
  const end = inject('isServerLent')
    ? `DROP DATABASE ${name} WITH (FORCE)`
    : `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`
  return { url: withDatabase(serverUrl, name), drop: () => runOnServer(serverUrl, end) }
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
