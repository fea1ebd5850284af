import { ProviderError } from '../providers/provider.ts'

/** A look changes nothing: one that found the provider down is made once more before the whole try counts as failed. */
export const lookTwice = async <T>(look: () => Promise<T>): Promise<T> => {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== 'provider_unavailable') throw error
    return look()
  }
}
