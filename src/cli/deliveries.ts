import { parseArguments } from './arguments.ts'
import { commands } from './commands.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { printList } from './print.ts'
import type { Service } from './service.ts'

interface ShownDelivery {
  readonly id: string
  readonly state: string
  readonly url: string | null
  readonly event: { readonly type: string }
  readonly tries: readonly {
    readonly no: number
    readonly started_at: string
    readonly ms: number
    readonly outcome: string
    readonly http_status: number | null
    readonly error: string | null
    readonly response: string | null
  }[]
}

const wrong = (reason: string): CommandFailed =>
  new CommandFailed(exitCodes.usage, `${reason}\nUsage: clipline ${commands.deliveries.usage}`)

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments(args, {
    usage: commands.deliveries.usage,
    most: 2,
    options: {
      job: { type: 'string' },
      endpoint: { type: 'string' },
      state: { type: 'string' },
      most: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
    },
  })
  const [action, deliveryId] = positionals
  if (action === 'list' && deliveryId === undefined) {
    if (!/^\d{1,7}$/.test(values.most)) throw wrong(`--most takes a whole number, not ${values.most}`)
    const found = await list(connectFromEnvironment(), values, Number(values.most))
    printDeliveries(found, values.json)
    return exitCodes.ok
  }
  const path = `/v1/callback-deliveries/${encodeURIComponent(deliveryId ?? '')}`
  if (action === 'show' && deliveryId !== undefined) {
    show(await connectFromEnvironment().send('GET', path), values.json)
    return exitCodes.ok
  }
  if (action === 'redeliver' && deliveryId !== undefined) {
    printDeliveries([await connectFromEnvironment().send('POST', `${path}/redeliver`)], values.json)
    return exitCodes.ok
  }
  throw wrong('list, or show or redeliver and an id are needed')
}

const list = (
  service: Service,
  filter: { readonly job?: string; readonly endpoint?: string; readonly state?: string },
  most: number,
): Promise<ShownDelivery[]> => {
  const query = new URLSearchParams({
    limit: String(Math.min(100, Math.max(1, most))),
    ...(filter.job && { job_id: filter.job }),
    ...(filter.endpoint && { endpoint_id: filter.endpoint }),
    ...(filter.state && { state: filter.state }),
  })
  return service.list(`/v1/callback-deliveries?${query}`, most)
}

const printDeliveries = (deliveries: readonly ShownDelivery[], isJson: boolean): void =>
  printList(
    isJson
      ? deliveries
      : deliveries.map((delivery) => ({
          ...delivery,
          event: delivery.event.type,
          tries: delivery.tries.length,
          last: toWords(delivery.tries.at(-1)),
        })),
    { isJson, columns: ['id', 'event', 'state', 'tries', 'last', 'next_try_at', 'url'] },
  )

/** What a try came to. */
const toWords = (attempt: ShownDelivery['tries'][number] | undefined): string | null => {
  if (attempt === undefined) return null
  return attempt.http_status === null ? (attempt.error ?? attempt.outcome) : `HTTP ${attempt.http_status}`
}

const show = (delivery: ShownDelivery, isJson: boolean): void => {
  printDeliveries([delivery], isJson)
  if (isJson || delivery.tries.length === 0) return
  process.stdout.write('\n')
  const columns = ['no', 'started_at', 'ms', 'outcome', 'http_status', 'error', 'response']
  const tries = delivery.tries.map((attempt) => ({
    ...attempt,
    response: JSON.stringify(attempt.response?.slice(0, 60) ?? null),
  }))
  printList(tries, { isJson, columns })
}
