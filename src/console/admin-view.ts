/** Tenants, keys and who changed what, for keys with the scope `admin`. */

import { adminKeys } from './admin-keys.ts'
import { adminTenants } from './admin-tenants.ts'
import type { ListOf } from './api.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page } from './page.ts'
import { pager } from './pager.ts'
import { cells, table } from './table.ts'
import { toShortId } from './words.ts'

interface AuditEntry {
  readonly at: string
  readonly key_id: string
  readonly action: string
  readonly subject_id: string
  readonly detail: Readonly<Record<string, unknown>>
}

const parts = {
  tenants: { title: 'Tenants', show: adminTenants },
  keys: { title: 'Keys', show: adminKeys },
  audit: { title: 'Audit', show: (page: Page) => auditLog(page) },
}

type Part = keyof typeof parts

const isPart = (name: string): name is Part => Object.hasOwn(parts, name)

export const adminView = (page: Page): HTMLElement => {
  const [name = ''] = page.ids
  const part = isPart(name) ? name : 'tenants'
  page.setTitle(parts[part].title)
  const place = make('div')
  void load(place, () => parts[part].show(page))
  return make(
    'section',
    {},
    make('div', { class: 'head' }, make('h1', {}, 'Admin')),
    make(
      'nav',
      { class: 'tabs', 'aria-label': 'Parts' },
      ...Object.entries(parts).map(([place, { title }]) =>
        make(
          'a',
          { class: 'button', href: hashOf(`admin/${place}`), 'aria-current': place === part ? 'true' : null },
          title,
        ),
      ),
      make('a', { class: 'button end', href: 'admin/queues', target: '_blank', rel: 'noopener' }, 'Queues ↗'),
    ),
    place,
  )
}

const columns = [
  { title: 'What' },
  { title: 'Whom' },
  { title: 'Detail', isExtra: true },
  { title: 'By key', isExtra: true },
  { title: 'Age', isNumber: true },
]

const auditLog = async (page: Page): Promise<Node> => {
  const query = { cursor: page.query.get('cursor'), limit: 50 }
  const { data, next_cursor } = await page.api.get<ListOf<AuditEntry>>('v1/admin/audit', query, page.signal)
  if (data.length === 0) return make('p', { class: 'quiet' }, 'Nothing has been changed yet.')
  const rows = data.map(({ action, subject_id, detail, key_id, at }) =>
    make(
      'tr',
      {},
      ...cells(
        columns,
        action,
        make('code', { title: subject_id }, toShortId(subject_id)),
        make('code', {}, JSON.stringify(detail)),
        make('code', { title: key_id }, toShortId(key_id)),
        moment(at),
      ),
    ),
  )
  return make('div', {}, table('Audit', columns, rows), pager('admin/audit', page.query, next_cursor))
}
