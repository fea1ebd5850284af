/** One server-sent event with this JSON in a single line. */
export const frame = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`
