/** Where the store tells what happened to its connections and servers; a pino logger is one. */
export interface StoreLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
