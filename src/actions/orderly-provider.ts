import type { Provider } from '../providers/provider.ts'

/**
 * The same provider, where each order waits until what came before it is written; looks do not. A message needs nothing
 * of its own: it goes out on a permit, which waits, too.
 */
export const orderlyProvider = (provider: Provider, awaitWritten: () => Promise<void>): Provider => ({
  ...provider,
  createSession: async (...order) => {
    await awaitWritten()
    return provider.createSession(...order)
  },
  uploadFile: async (...order) => {
    await awaitWritten()
    return provider.uploadFile(...order)
  },
  uploadUrl: async (...order) => {
    await awaitWritten()
    return provider.uploadUrl(...order)
  },
  submitRender: async (...order) => {
    await awaitWritten()
    return provider.submitRender(...order)
  },
  cancelRender: async (...order) => {
    await awaitWritten()
    return provider.cancelRender(...order)
  },
})
