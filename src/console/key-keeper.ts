/** Keeps the API key for this tab alone, until it is closed or its user signs out. */
const name = 'clipline-api-key'

export const findKey = (): string | null => sessionStorage.getItem(name)
export const keepKey = (apiKey: string): void => sessionStorage.setItem(name, apiKey)
export const forgetKey = (): void => sessionStorage.removeItem(name)
