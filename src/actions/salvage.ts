/** What of a body that is wrong as a whole is right by itself, so that no fault hides another (api.md §0). */
import type { z } from 'zod'
import type { Sources } from './check-sources.ts'
import { InputIn, limits } from './job-in.ts'
import { isJsonObject } from './merge-defaults.ts'

/** The fields that fit, as the schema reads them; its defaults are in the place of those that were left out. */
export const salvageFields = <Fields extends z.ZodRawShape>(
  { shape }: { readonly shape: Fields },
  body: unknown,
): Partial<z.output<z.ZodObject<Fields>>> => {
  if (!isJsonObject(body)) return {}
  const fields = Object.entries(shape).flatMap(([name, schema]) => {
    const { success, data } = (schema as z.ZodType).safeParse(body[name])
    return success ? [[name, data] as const] : []
  })
  return Object.fromEntries(fields) as Partial<z.output<z.ZodObject<Fields>>>
}

/** Each input that fits, and null in the place of one that does not. */
export const salvageInputs = (body: unknown): Sources['inputs'] => {
  const given = isJsonObject(body) ? body['inputs'] : []
  return Array.isArray(given)
    ? given.slice(0, limits.inputs).map((input) => InputIn.safeParse(input).data ?? null)
    : []
}
