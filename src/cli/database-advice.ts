/** What to do about what a database says, whatever it is. */
export const adviseOnDatabase = (code: string | null): string =>
  findDatabaseAdvice(code) ?? 'See the log of Postgres, and check DATABASE_URL.'

/** The same, by Postgres’ error codes and the system’s; null where it is not known. */
export const findDatabaseAdvice = (code: string | null): string | null => {
  switch (code) {
    case 'ECONNREFUSED':
      return 'Start Postgres, or correct the host and port in DATABASE_URL.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Correct the host in DATABASE_URL: its name is not known.'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'Correct the host and port in DATABASE_URL, or open the way there: nothing answers.'
    case '57P01':
    case '57P02':
    case '57P03':
      return 'Postgres is being stopped or started: try again when it is up.'
    case '28P01':
    case '28000':
      return 'Correct the user or the password in DATABASE_URL.'
    case '3D000':
      return 'Create the database that DATABASE_URL names: createdb NAME.'
    case '42501':
      return 'Give the user of DATABASE_URL the rights of the owner of the database.'
    case '42P01':
    case '42703':
      return 'Run: clipline migrate'
    case '25006':
      return 'DATABASE_URL points to a database that takes no writes, such as a standby: name the primary.'
    case '53300':
      return 'Raise max_connections of Postgres: all connections are taken.'
    case '53100':
      return 'Make room on the disk of Postgres.'
    default:
      return null
  }
}
