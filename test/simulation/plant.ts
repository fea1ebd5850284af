import type { DeliverCallbackDeps } from '../../src/actions/deliver-callback.ts'
import type { RunStageDeps } from '../../src/actions/run-stage.ts'
import type { Lease } from '../../src/job/leases.ts'
import type { ClaimedDelivery } from '../../src/store/deliveries.ts'
import type { NewPermit, PermitStore } from '../../src/store/permits.ts'
import type { PlantedBug } from './bugs.ts'
import type { Process } from './process.ts'
import type { ProviderServer } from './provider-server.ts'
import type { World } from './world.ts'

interface Planting {
  readonly world: World
  readonly providerServer: ProviderServer
}

/** Wraps the planted bug, if it is one that lives around the real code, into what the runner is given. */
export const plantInDeps = (planting: Planting, process: Process, deps: RunStageDeps): RunStageDeps => {
  const plant = planting.world.bug === null ? undefined : plants[planting.world.bug]
  return plant === undefined ? deps : { ...deps, ...plant(deps, planting, process) }
}

/** The same for those that live around the delivery of callbacks. */
export const plantInDelivery = ({ bug }: World, deps: DeliverCallbackDeps): DeliverCallbackDeps => {
  const { deliveries, egress } = deps
  const claimAs = (
    change: (found: ClaimedDelivery) => ClaimedDelivery,
  ): DeliverCallbackDeps['deliveries'] => ({
    ...deliveries,
    claim: async (id) => {
      const found = await deliveries.claim(id)
      return found && change(found)
    },
  })
  switch (bug) {
    case 'webhook_id_per_try':
      return {
        ...deps,
        deliveries: claimAs((found) =>
          found.tries > 0 ? { ...found, eventId: `${found.eventId}-${found.tries}` } : found,
        ),
      }
    case 'body_rendered_anew':
      return {
        ...deps,
        deliveries: {
          ...claimAs((found) => ({ ...found, body: null })),
          keepBody: (_id, body) => Promise.resolve(body),
        },
      }
    case 'json_serialized_anew':
      return {
        ...deps,
        egress: {
          ...egress,
          request: (request) => egress.request({ ...request, body: withSortedKeys(request.body) }),
        },
      }
    default:
      return deps
  }
}

/** As JSON comes back from a column of its own type. */
const withSortedKeys = (body: Buffer = Buffer.from('{}')): Buffer => {
  const fields = Object.entries(JSON.parse(body.toString('utf8')) as object)
  return Buffer.from(
    JSON.stringify(Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)))),
  )
}

type Plant = (deps: RunStageDeps, planting: Planting, process: Process) => Partial<RunStageDeps>

const withPermits = ({ permits }: RunStageDeps, change: Partial<PermitStore>): Partial<RunStageDeps> => ({
  permits: { ...permits, ...change },
})

const neverWritten = ({ baseline, creditsReserved }: NewPermit, id: string) =>
  ({ outcome: 'opened', permit: { id, try: 1, state: 'open', baseline, creditsReserved } }) as const

const plants: Partial<Record<PlantedBug, Plant>> = {
  permit_dropped: (deps) =>
    withPermits(deps, {
      open: (permit) => Promise.resolve(neverWritten(permit, 'prm_dropped')),
      mayLeave: () => true,
    }),

  permit_after_send: (deps, _planting, { clock }) =>
    withPermits(deps, {
      open: (permit) => {
        clock.after(50, () => void deps.permits.open(permit).catch(() => undefined))
        return Promise.resolve(neverWritten(permit, 'prm_later'))
      },
      mayLeave: () => true,
    }),

  // Its fence is off in the database; here is the moment after our own look at the lease, which is seldom met otherwise.
  permit_without_lease: (deps, _planting, process) =>
    withPermits(deps, {
      open: (permit) =>
        new Promise((resolve) => {
          process.touch('a permit is asked for')
          process.clock.after(1, () => resolve(deps.permits.open(permit)))
        }),
    }),

  permit_found_reused: (deps) =>
    withPermits(deps, {
      open: async (permit) => {
        const result = await deps.permits.open(permit)
        return result.outcome === 'found' ? { ...result, outcome: 'opened' } : result
      },
    }),

  mark_stays: (deps) => withPermits(deps, { mayLeave: () => true }),

  disclaim_sent: (deps, _planting, { clock }) =>
    withPermits(deps, {
      open: async (permit) => {
        const result = await deps.permits.open(permit)
        if (result.outcome === 'opened') {
          const { id } = result.permit
          clock.after(20, () => void deps.permits.disclaim(id, { state: 'not_sent', detail: {} }))
        }
        return result
      },
    }),

  baseline_after_send: (deps, { providerServer }) =>
    withPermits(deps, {
      open: async (permit) => {
        const result = await deps.permits.open(permit)
        if (!('permit' in result)) return result
        const { permit: opened } = result
        return {
          ...result,
          permit: {
            ...opened,
            // Read when the notes are written, which is after the message has been sent.
            get baseline() {
              const { fingerprint } = providerServer.look(permit.providerSessionId)
              return { ...opened.baseline, fingerprint }
            },
          },
        }
      },
    }),

  verify_too_early: ({ timings }) => ({
    timings: { ...timings, recoveryFirstMs: 100, recoveryChecks: 0, confirmLooksMs: [0] },
  }),

  half_adopted: ({ provider }) => ({
    provider: {
      ...provider,
      readSession: async (...args) => ({ ...(await provider.readSession(...args)), isExportable: true }),
    },
  }),

  later_adopted: () => ({ hasSessionMovedOn: () => Promise.resolve(false) }),

  lease_check_skipped: ({ leases }) => ({
    leases: {
      take: (...args) => {
        const lease = leases.take(...args)
        return sameLease(lease, { isHeld: () => true })
      },
    },
  }),

  heartbeat_after_loss: ({ leases, writer, clock }) => ({
    leases: {
      take: (jobId, epoch, sinceMs) => {
        const renew = (): void => {
          writer.renewLeases([{ jobId, epoch }]).catch(() => undefined)
          clock.after(10_000, renew)
        }
        renew()
        return leases.take(jobId, epoch, sinceMs)
      },
    },
  }),

  failure_leaves_permit: ({ writer }) => ({
    writer: {
      ...writer,
      stats: writer.stats,
      transitionJob: (input) => {
        if (input.verb !== 'fail') return writer.transitionJob(input)
        const rows = (input.patch?.rows ?? []).filter(
          (row) => row.kind !== 'permit' || row.detail['interrupted'] !== true,
        )
        return writer.transitionJob({ ...input, patch: { ...input.patch, rows } })
      },
    },
  }),

  order_unwritten: ({ writer }) => ({
    writer: {
      ...writer,
      stats: writer.stats,
      transitionJob: async (input) => {
        const result = writer.transitionJob(input)
        if (input.verb !== 'advance') return result
        result.catch(() => undefined)
        const { seq = 0, epoch = 0, events = [] } = input
        return {
          outcome: 'applied',
          seq: seq + events.length,
          epoch,
          isCancelRequested: false,
          deliveries: [],
        }
      },
    },
  }),

  settle_order: (deps) => {
    const asked = new Map<string, Promise<boolean>>()
    return withPermits(deps, {
      wasAlone: (id) => {
        const known = asked.get(id) ?? deps.permits.wasAlone(id)
        asked.set(id, known)
        return known
      },
    })
  },
}

const sameLease = (lease: Lease, change: Partial<Lease>): Lease => ({
  signal: lease.signal,
  get stopReason() {
    return lease.stopReason
  },
  isHeld: () => lease.isHeld(),
  enterStage: (stage) => lease.enterStage(stage),
  end: () => lease.end(),
  ...change,
})
