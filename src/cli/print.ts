/** The first entries of a list, or all of them. */
export const collect = async <Entry>(
  entries: AsyncIterable<Entry>,
  most = Number.POSITIVE_INFINITY,
): Promise<Entry[]> => {
  const collected: Entry[] = []
  if (most === 0) return collected
  for await (const entry of entries) if (collected.push(entry) >= most) break
  return collected
}

/** One JSON object a line, or columns for people. */
export const printList = (
  rows: readonly object[],
  { isJson, columns }: { readonly isJson: boolean; readonly columns: readonly string[] },
): void => {
  if (isJson) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    return
  }
  const table = [columns, ...rows.map((row) => columns.map((column) => toCell(row, column)))]
  const widths = columns.map((_, index) => Math.max(...table.map((cells) => cells[index]?.length ?? 0)))
  for (const cells of table) {
    const line = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')
    process.stdout.write(`${line.trimEnd()}\n`)
  }
}

const toCell = (row: object, column: string): string => {
  const value = (row as Readonly<Record<string, unknown>>)[column]
  if (value === null || value === undefined) return '-'
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** Passes bytes on to stdout as they come, no faster than they are taken. */
export const pipeOut = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const chunk of bytes) {
    const isTaken = await new Promise<boolean>((resolve) => {
      process.stdout.write(chunk, (error) => resolve(!error))
    })
    if (!isTaken) return
  }
}
