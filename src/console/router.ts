/** From the address after `#` to a view. */
import type { View } from './page.ts'

export interface Route {
  /** `jobs/:id`: what begins with a colon is an id. */
  readonly place: string
  readonly view: View
}

export interface Match {
  readonly route: Route
  readonly ids: readonly string[]
  readonly query: URLSearchParams
}

export const findRoute = (routes: readonly Route[], hash: string): Match | null => {
  const [place = '', search = ''] = hash.replace(/^#\/?/, '').split('?')
  const parts = place.split('/')
  for (const route of routes) {
    const ids = matchParts(route.place.split('/'), parts)
    if (ids !== null) return { route, ids, query: new URLSearchParams(search) }
  }
  return null
}

const matchParts = (wanted: readonly string[], parts: readonly string[]): string[] | null => {
  if (wanted.length !== parts.length) return null
  const ids: string[] = []
  for (const [index, want] of wanted.entries()) {
    const part = parts[index] ?? ''
    if (want.startsWith(':')) ids.push(decode(part))
    else if (want !== part) return null
  }
  return ids
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
