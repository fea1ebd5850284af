type JsonObject = Readonly<Record<string, unknown>>

/**
 * Lays what was asked for over what holds by default, as RFC 7396 does: objects are merged, `null` takes a default
 * away, and anything else replaces it.
 */
export const mergeDefaults = (defaults: JsonObject, given: JsonObject): JsonObject => {
  const merged: Record<string, unknown> = { ...defaults }
  for (const [name, value] of Object.entries(given)) {
    if (value === null) delete merged[name]
    else merged[name] = isJsonObject(value) ? mergeDefaults(toObject(merged[name]), value) : value
  }
  return merged
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const toObject = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})
