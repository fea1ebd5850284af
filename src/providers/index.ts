import { createNemoProvider } from './nemo/nemo-provider.ts'

/** The providers there are, by name. A new one is a folder beside `nemo/` and a line here. */
export const providers = {
  nemo: createNemoProvider,
} as const
