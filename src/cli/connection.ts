import { clientEnvironment } from '../config.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { connectService, type Service } from './service.ts'

/** The service that CLIPLINE_URL names, with the key in CLIPLINE_API_KEY. */
export const connectFromEnvironment = (): Service => {
  const { url, apiKey } = clientEnvironment()
  if (apiKey === null)
    throw new CommandFailed(exitCodes.usage, 'CLIPLINE_API_KEY is needed: the key that “clipline up” prints.')
  if (!URL.canParse(url)) throw new CommandFailed(exitCodes.usage, `CLIPLINE_URL is not a URL: ${url}`)
  return connectService({ url, apiKey })
}
