import { z } from 'zod'
import { checkCallbackHeaders } from '../callbacks/headers.ts'

/** Headers that a client wants on its callbacks: what may be sent is said where they are sent. */
export const callbackHeaders = z.record(z.string(), z.string()).superRefine((headers, context) => {
  const checked = checkCallbackHeaders(headers)
  if (checked.ok) return
  for (const { name, detail } of checked.problems)
    context.addIssue({ code: 'custom', message: detail, path: name === null ? [] : [name] })
})

const Addressed = z.object({ callback: z.object({ url: z.string().min(1).max(2_048) }) })

/** Where the callbacks of a body are to go, even where something else in it is wrong. */
export const findCallbackUrl = (body: unknown): string | null =>
  Addressed.safeParse(body).data?.callback.url ?? null
