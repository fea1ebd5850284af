import { type ListOf, newIdempotencyKey, path } from './api.ts'
import { badge } from './badge.ts'
import { ask } from './dialog.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { notify, showToCopy } from './notify.ts'
import type { Page } from './page.ts'
import { pager } from './pager.ts'
import { cells, table } from './table.ts'
import { toShortId } from './words.ts'

interface ApiKey {
  readonly id: string
  readonly tenant_id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly expires_at: string | null
  readonly revoked_at: string | null
  readonly last_used_at: string | null
}

const scopes = [
  'jobs:read',
  'jobs:write',
  'uploads:write',
  'callbacks:read',
  'callbacks:write',
  'intakes:read',
  'intakes:write',
  'usage:read',
  'keys:write',
  'admin',
]
const usual = ['jobs:read', 'jobs:write', 'uploads:write']

const columns = [
  { title: 'Key' },
  { title: 'Scopes', isExtra: true },
  { title: 'Tenant', isExtra: true },
  { title: 'Last used' },
  { title: '' },
]

/** The keys of all tenants, or of the one that the address names. */
export const adminKeys = async (page: Page): Promise<Node> => {
  const tenantId = page.query.get('tenant_id')
  const query = { tenant_id: tenantId, cursor: page.query.get('cursor'), limit: 50 }
  const { data, next_cursor } = await page.api.get<ListOf<ApiKey>>('v1/admin/keys', query, page.signal)
  return make(
    'div',
    {},
    tenantId !== null &&
      make(
        'p',
        { class: 'line' },
        make('span', {}, 'Of the tenant ', make('code', {}, tenantId)),
        make('a', { href: '#/admin/keys' }, 'show all'),
      ),
    data.length === 0
      ? make('p', { class: 'quiet' }, 'There is no key yet.')
      : table(
          'Keys',
          columns,
          data.map((key) => rowOf(page, key)),
        ),
    pager('admin/keys', page.query, next_cursor),
    tenantId !== null &&
      make(
        'div',
        { class: 'actions' },
        make('button', { type: 'button', onclick: () => askKey(page, tenantId) }, 'New key…'),
      ),
  )
}

const rowOf = (page: Page, key: ApiKey): HTMLElement =>
  make(
    'tr',
    {},
    ...cells(
      columns,
      make('div', {}, make('strong', {}, key.name), ' ', make('code', { class: 'quiet' }, toShortId(key.id))),
      make('span', { class: 'quiet small' }, key.scopes.join(', ')),
      make('code', { title: key.tenant_id }, toShortId(key.tenant_id)),
      moment(key.last_used_at),
      key.revoked_at === null
        ? make('button', { type: 'button', class: 'plain', onclick: () => askRevoke(page, key) }, 'Revoke…')
        : badge('revoked'),
    ),
  )

const askRevoke = ({ api, reload }: Page, key: ApiKey): void =>
  ask({
    title: `Revoke ${key.name}?`,
    content: [make('p', {}, 'Whoever uses it is refused from now on. It cannot be undone.')],
    confirm: 'Revoke the key',
    isDangerous: true,
    async act() {
      await api.send('DELETE', path`v1/admin/keys/${key.id}`)
      notify('The key is revoked.')
      reload()
    },
  })

const askKey = ({ api, reload }: Page, tenantId: string): void => {
  const name = make('input', { id: 'key-name', required: true, autocomplete: 'off' })
  const boxes = scopes.map((scope) => {
    const box = make('input', { type: 'checkbox', value: scope })
    box.checked = usual.includes(scope)
    return box
  })
  const key = newIdempotencyKey()
  ask({
    title: 'New key',
    content: [
      make('label', { for: 'key-name' }, 'Name'),
      name,
      make(
        'fieldset',
        {},
        make('legend', {}, 'What it may'),
        ...boxes.map((box) => make('label', { class: 'check' }, box, box.value)),
      ),
    ],
    confirm: 'Make it',
    async act() {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value)
      const body = { tenant_id: tenantId, name: name.value, scopes: chosen }
      const made = await api.send<{ key: string }>('POST', 'v1/admin/keys', {
        body,
        idempotencyKey: `${key}-${encodeURIComponent(name.value)}-${chosen.join()}`.slice(0, 255),
      })
      showToCopy(made.key, 'The key. It is shown this once')
      reload()
    },
  })
}
