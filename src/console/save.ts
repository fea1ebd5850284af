import { make } from './make.ts'

/** Lets the browser save a text as a file. */
export const saveText = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }))
  const link = make('a', { download: name })
  link.href = url
  link.click()
  // The download has begun by the next task; until then the browser needs the address.
  setTimeout(() => URL.revokeObjectURL(url), 0)
}
