/** An embedded Postgres with full durability that can be brought down in all the ways in which servers go down. */
import { setTimeout as pause } from 'node:timers/promises'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../store/embedded.ts'
import { findPostmaster } from '../../store/postmaster.ts'
import { prepareServerSite } from '../../store/server-site.ts'

/** How a server ends: in good order, at once (it replays its log at the next start), or killed. */
export type DatabaseEnd = 'fast' | 'immediate' | 'kill'

export interface ProvingDatabase {
  readonly url: string
  /** Ends the server, leaves it away for a while, and starts it again on its port. */
  restart(end: DatabaseEnd, awayMs?: number): Promise<void>
  stop(): Promise<void>
}

/** Postgres' own signals for its ways to end. */
const signals: Record<DatabaseEnd, NodeJS.Signals> = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' }

const settings = { max_connections: '300' }
const pollMs = 20

export const startProvingDatabase = async (dataDir: string): Promise<ProvingDatabase> => {
  const { cluster } = await prepareServerSite(dataDir)
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir, settings })
  const { url } = server
  let changing: Promise<void> = Promise.resolve()

  const end = async (how: DatabaseEnd): Promise<void> => {
    const postmaster = await findPostmaster(cluster)
    if (postmaster === null) return
    process.kill(postmaster.pid, signals[how])
    while ((await findPostmaster(cluster))?.pid === postmaster.pid) await pause(pollMs)
  }

  return {
    url,
    restart(how, awayMs = 0) {
      changing = changing.then(async () => {
        await end(how)
        await pause(awayMs)
        server = await startEmbeddedPostgres({ dataDir, settings })
        if (server.url !== url) throw new Error('the database came back on another port')
      })
      return changing
    },
    async stop() {
      await changing.catch(() => undefined)
      await server.stop()
    },
  }
}
