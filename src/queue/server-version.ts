import { openRedis, untilReady } from './redis-connection.ts'

/** Which server is behind a Redis URL, such as `Valkey 8.1.0`. Rejects within seconds when it is down. */
export const readQueueServer = async (redisUrl: string): Promise<string> => {
  // It reconnects by itself; the last complaint says why it could not.
  let complaint: Error | null = null
  const client = openRedis(redisUrl, (error) => {
    complaint = error
  })
  try {
    await untilReady(client)
    const facts = await client.info('server')
    const valkey = /valkey_version:(\S+)/.exec(facts)?.[1]
    return valkey === undefined
      ? `Redis ${/redis_version:(\S+)/.exec(facts)?.[1] ?? '(of an unknown version)'}`
      : `Valkey ${valkey}`
  } catch (error) {
    throw complaint ?? error
  } finally {
    client.disconnect()
  }
}
