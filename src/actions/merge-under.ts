type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What was given, with defaults where nothing was: objects field by field, anything else as a whole. What was given
 * always wins, null too; something that is no object stays as it is, for a schema to judge.
 */
export const mergeUnder = (defaults: Fields, given: unknown): unknown =>
  isFields(given)
    ? {
        ...defaults,
        ...Object.fromEntries(
          Object.entries(given).map(([name, value]) => [name, under(defaults, name, value)]),
        ),
      }
    : given

const under = (defaults: Fields, name: string, value: unknown): unknown => {
  const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
  return isFields(fallback) ? mergeUnder(fallback, value) : value
}
