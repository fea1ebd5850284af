import { type CliplineClient, type components, pages, unwrap } from '../client/index.ts'
import { parseArguments, toWholeNumber, wrongUsage } from './arguments.ts'
import { connectFromEnvironment } from './connection.ts'
import { exitCodes } from './exit.ts'
import { collect, printList } from './print.ts'

type Delivery = components['schemas']['CallbackDelivery']

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArguments('deliveries', args, {
    most: 2,
    options: {
      job: { type: 'string' },
      endpoint: { type: 'string' },
      state: { type: 'string' },
      most: { type: 'string', default: '100' },
    },
  })
  const [action, id] = positionals
  const most = toWholeNumber('deliveries', 'most', values.most) ?? 0
  const at = { params: { path: { id: id ?? '' } } }
  if (action === 'list' && id === undefined) {
    printDeliveries(await list(connectFromEnvironment(), values, most), values.json)
    return exitCodes.ok
  }
  if (action === 'show' && id !== undefined) {
    const { http } = connectFromEnvironment()
    show(await unwrap(http.GET('/v1/callback-deliveries/{id}', at)), values.json)
    return exitCodes.ok
  }
  if (action === 'redeliver' && id !== undefined) {
    const { http } = connectFromEnvironment()
    const redelivered = await unwrap(http.POST('/v1/callback-deliveries/{id}/redeliver', at))
    printDeliveries([redelivered], values.json)
    return exitCodes.ok
  }
  throw wrongUsage('deliveries', 'list, or show or redeliver and an id are needed')
}

const list = (
  { http }: CliplineClient,
  filter: { readonly job?: string; readonly endpoint?: string; readonly state?: string },
  most: number,
): Promise<Delivery[]> => {
  const query = {
    ...(filter.job && { job_id: [filter.job] }),
    ...(filter.endpoint && { endpoint_id: [filter.endpoint] }),
    // The service knows which ones there are, and names them.
    ...(filter.state && { state: [filter.state as Delivery['state']] }),
  }
  const read = pages((page) =>
    http.GET('/v1/callback-deliveries', { params: { query: { ...query, ...page } } }),
  )
  return collect(read, most)
}

const printDeliveries = (deliveries: readonly Delivery[], isJson: boolean): void =>
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
const toWords = (attempt: Delivery['tries'][number] | undefined): string | null => {
  if (attempt === undefined) return null
  return attempt.http_status === null ? (attempt.error ?? attempt.outcome) : `HTTP ${attempt.http_status}`
}

const show = (delivery: Delivery, isJson: boolean): void => {
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
