import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import type { BatchRecord } from '../store/batches.ts'
import { isJsonObject } from './merge-defaults.ts'

type Defaults = Readonly<Record<string, unknown>>
type Owner = Pick<BatchRecord, 'id' | 'tenantId'>

/** What a secret of a batch is bound to. */
export const batchPlace = ({ id, tenantId }: Owner): string =>
  sealedPlace({ table: 'batches', rowId: id, tenantId })

/** The defaults as they are kept: the secret of their callback is the one thing in them that nobody may read. */
export const sealDefaults = (sealer: Sealer, defaults: Defaults, owner: Owner): Defaults =>
  withSecret(defaults, (secret) => sealer.seal(secret, batchPlace(owner)))

/** The defaults as lines are merged with them. */
export const openDefaults = (sealer: Sealer, { defaults, ...owner }: BatchRecord): Defaults =>
  withSecret(defaults, (sealed) => sealer.open(sealed, batchPlace(owner)))

/** The defaults as they are shown. */
export const withoutSecret = (defaults: Defaults): Defaults => withSecret(defaults, () => undefined)

const withSecret = (defaults: Defaults, change: (secret: string) => string | undefined): Defaults => {
  const callback = defaults['callback']
  if (!isJsonObject(callback) || typeof callback['secret'] !== 'string') return defaults
  const { secret, ...rest } = callback
  const changed = change(String(secret))
  return { ...defaults, callback: changed === undefined ? rest : { ...rest, secret: changed } }
}
