import { type TargetRules, vetTarget } from '../egress/target.ts'

export type UrlVerdict = { readonly ok: true } | { readonly ok: false; readonly detail: string }

/** One detail for every cause, so that nobody can map a network by what we say (guarantees.md §4.2). */
const refused: UrlVerdict = {
  ok: false,
  detail:
    'The URL must be https on port 443, 80 or 8443, at most 2048 characters, without user name or password, and its host must not resolve to an address that is not public.',
}

/**
 * May this URL be an input? Judged by syntax and address only (api.md §1): unlike a callback's, its name need not
 * resolve here and now. Whoever fetches it later, the provider or the stage `upload`, judges it again.
 */
export const createSourceUrlCheck =
  (rules: TargetRules) =>
  async (url: string): Promise<UrlVerdict> => {
    const { outcome } = await vetTarget(url, rules)
    return outcome === 'forbidden' ? refused : { ok: true }
  }
