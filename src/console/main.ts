/** The console: signs its user in, and shows the view that the address names. */
import { type Api, createApi, type ListOf } from './api.ts'
import { findKey, forgetKey, keepKey } from './key-keeper.ts'
import { fill, make } from './make.ts'
import { keepMoments } from './moment.ts'
import { mountNotices } from './notify.ts'
import type { Page } from './page.ts'
import { isProblem, problemNotice } from './problem.ts'
import { findRoute } from './router.ts'
import type { Skill } from './shapes.ts'
import { createShell, type Shell } from './shell.ts'
import { signIn } from './sign-in.ts'
import { routes } from './views.ts'

interface Visit {
  readonly api: Api
  readonly skills: readonly Skill[]
  readonly shell: Shell
}

const root = make('div', { id: 'root' })
let visit: Visit | null = null
let leaving = new AbortController()

const leave = (): AbortSignal => {
  leaving.abort()
  leaving = new AbortController()
  return leaving.signal
}

const signOut = (reason: string | null): void => {
  forgetKey()
  visit = null
  leave()
  document.title = 'Sign in · Clipline'
  fill(
    root,
    signIn(reason, (apiKey) => {
      keepKey(apiKey)
      void enter(apiKey)
    }),
  )
}

const enter = async (apiKey: string): Promise<void> => {
  const api = createApi(apiKey, () => signOut('The key is no longer valid. Sign in again.'))
  try {
    const [{ data }, isAdmin] = await Promise.all([api.get<ListOf<Skill>>('v1/skills'), mayAdministrate(api)])
    const shell = createShell(isAdmin, () => signOut(null))
    visit = { api, skills: data, shell }
    fill(root, shell.element)
    show()
  } catch (error) {
    if (findKey() !== null)
      fill(
        root,
        make(
          'main',
          {},
          problemNotice(error, () => void enter(apiKey)),
        ),
      )
  }
}

/** No call says what a key may; the one that an admin may make does. */
const mayAdministrate = async (api: Api): Promise<boolean> => {
  try {
    await api.get('v1/admin/tenants', { limit: 1 })
    return true
  } catch (error) {
    if (isProblem(error, 'forbidden')) return false
    throw error
  }
}

const show = (): void => {
  if (visit === null) return
  const { api, skills, shell } = visit
  const match = findRoute(routes, location.hash || '#/jobs')
  const signal = leave()
  if (match === null) {
    location.replace('#/jobs')
    return
  }
  const page: Page = {
    api,
    skills,
    signal,
    ids: match.ids,
    query: match.query,
    reload: show,
    setTitle: (title) => {
      document.title = `${title} · Clipline`
    },
  }
  shell.show(match.route.place, match.route.view(page))
}

addEventListener('hashchange', show)
document.body.append(root)
mountNotices()
keepMoments()
const kept = findKey()
if (kept === null) signOut(null)
else void enter(kept)
