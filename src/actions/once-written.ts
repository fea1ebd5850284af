import type { Provider } from '../providers/provider.ts'

/** The same call, made once what came before is written: whoever orders or asks builds on that. */
export const onceWritten =
  <Call extends readonly unknown[], Answer>(
    awaitWritten: () => Promise<void>,
    make: (...call: Call) => Promise<Answer>,
  ) =>
  async (...call: Call): Promise<Answer> => {
    await awaitWritten()
    return make(...call)
  }

/**
 * The same provider, where each order waits until what came before it is written; looks do not. A message needs nothing
 * of its own: it goes out on a permit, which waits, too.
 */
export const orderlyProvider = (provider: Provider, awaitWritten: () => Promise<void>): Provider => ({
  ...provider,
  createSession: onceWritten(awaitWritten, provider.createSession),
  uploadFile: onceWritten(awaitWritten, provider.uploadFile),
  uploadUrl: onceWritten(awaitWritten, provider.uploadUrl),
  submitRender: onceWritten(awaitWritten, provider.submitRender),
  cancelRender: onceWritten(awaitWritten, provider.cancelRender),
})
