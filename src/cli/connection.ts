import { type CliplineClient, createClient } from '../client/index.ts'
import { clientEnvironment } from '../config.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** A client of the service that CLIPLINE_URL names, with the key in CLIPLINE_API_KEY. */
export const connectFromEnvironment = (): CliplineClient => {
  const { url, apiKey } = clientEnvironment()
  if (apiKey === null)
    throw new CommandFailed(exitCodes.usage, 'CLIPLINE_API_KEY is needed: the key that “clipline up” prints.')
  try {
    return createClient({ baseUrl: url, apiKey })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const isKey = error.message.startsWith('apiKey')
    const reason = isKey
      ? 'CLIPLINE_API_KEY holds a character that no API key has'
      : `CLIPLINE_URL is not the URL of a service, such as http://127.0.0.1:8080: ${url}`
    throw new CommandFailed(exitCodes.usage, reason)
  }
}
