import { type ListOf, newIdempotencyKey } from './api.ts'
import { ask } from './dialog.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { notify } from './notify.ts'
import { hashOf, type Page } from './page.ts'
import { pager } from './pager.ts'
import { cells, table } from './table.ts'
import { toCount } from './words.ts'

interface Tenant {
  readonly id: string
  readonly name: string
  readonly weight: number
  readonly max_concurrency: number
  readonly max_credits_per_day: number | null
  readonly retention_days: number
  readonly created_at: string
}

const columns = [
  { title: 'Tenant' },
  { title: 'Weight', isNumber: true, isExtra: true },
  { title: 'Jobs at once', isNumber: true, isExtra: true },
  { title: 'Credits a day', isNumber: true, isExtra: true },
  { title: 'Kept', isNumber: true, isExtra: true },
  { title: 'Age', isNumber: true },
]

/** The tenants, with what limits them. */
export const adminTenants = async (page: Page): Promise<Node> => {
  const query = { cursor: page.query.get('cursor'), limit: 50 }
  const { data, next_cursor } = await page.api.get<ListOf<Tenant>>('v1/admin/tenants', query, page.signal)
  return make(
    'div',
    {},
    table('Tenants', columns, data.map(rowOf)),
    pager('admin/tenants', page.query, next_cursor),
    make(
      'div',
      { class: 'actions' },
      make('button', { type: 'button', onclick: () => askName(page) }, 'New tenant…'),
    ),
  )
}

const rowOf = (tenant: Tenant): HTMLElement =>
  make(
    'tr',
    {},
    ...cells(
      columns,
      make(
        'a',
        { class: 'prompt', href: hashOf('admin/keys', { tenant_id: tenant.id }), title: tenant.id },
        tenant.name,
      ),
      tenant.weight,
      toCount(tenant.max_concurrency),
      tenant.max_credits_per_day === null ? 'no limit' : toCount(tenant.max_credits_per_day),
      `${tenant.retention_days} d`,
      moment(tenant.created_at),
    ),
  )

const askName = ({ api }: Page): void => {
  const key = newIdempotencyKey()
  const name = make('input', { id: 'tenant-name', required: true, autocomplete: 'off' })
  ask({
    title: 'New tenant',
    content: [make('label', { for: 'tenant-name' }, 'Name'), name],
    confirm: 'Make it',
    async act() {
      const { id } = await api.send<Tenant>('POST', 'v1/admin/tenants', {
        body: { name: name.value },
        idempotencyKey: `${key}-${encodeURIComponent(name.value)}`.slice(0, 255),
      })
      notify('The tenant is there. It needs a key.')
      location.hash = hashOf('admin/keys', { tenant_id: id })
    },
  })
}
