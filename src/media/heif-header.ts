import { ascii, uintBe } from './bytes.ts'
import type { Dimensions } from './pixel-caps.ts'

/** Where a box's content is. */
interface Box {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The boxes between two offsets, as far as they are whole; ends at the first that is not. */
function* boxesIn(bytes: Buffer, { start, end }: { start: number; end: number }): Iterable<Box> {
  for (let offset = start; offset + 8 <= end; ) {
    const sizeBytes = uintBe(bytes, offset, 4)
    if (!(sizeBytes >= 8 && offset + sizeBytes <= end)) return
    yield { name: ascii(bytes, offset + 4, 4), start: offset + 8, end: offset + sizeBytes }
    offset += sizeBytes
  }
}

const findBox = (bytes: Buffer, within: { start: number; end: number }, name: string): Box | null => {
  for (const box of boxesIn(bytes, within)) if (box.name === name) return box
  return null
}

/** The numbers (from 1) of the properties that belong to an item. */
const propertiesOf = (bytes: Buffer, { start }: Box, itemId: number): number[] => {
  const idBytes = uintBe(bytes, start, 1) === 0 ? 2 : 4
  const numberBytes = uintBe(bytes, start + 3, 1) & 1 ? 2 : 1
  const numberMask = numberBytes === 2 ? 0x7fff : 0x7f
  const entryCount = uintBe(bytes, start + 4, 4)
  let offset = start + 8
  for (let entry = 0; entry < entryCount && offset < bytes.length; entry += 1) {
    const isWanted = uintBe(bytes, offset, idBytes) === itemId
    const count = uintBe(bytes, offset + idBytes, 1)
    offset += idBytes + 1
    if (isWanted)
      return Array.from(
        { length: count || 0 },
        (_, index) => uintBe(bytes, offset + index * numberBytes, numberBytes) & numberMask,
      )
    offset += count * numberBytes
  }
  return []
}

/** From the meta box: the size of the primary image, turned as its `irot` says (ISO/IEC 23008-12 §6.5). */
export const readHeifDimensions = (head: Buffer): Dimensions | 'truncated' | 'malformed' => {
  const metaBox = findBox(head, { start: 0, end: head.length }, 'meta')
  if (metaBox === null) return 'truncated'
  const meta = { start: metaBox.start + 4, end: metaBox.end }
  const primary = findBox(head, meta, 'pitm')
  const properties = findBox(head, meta, 'iprp')
  const container = properties && findBox(head, properties, 'ipco')
  const association = properties && findBox(head, properties, 'ipma')
  if (!primary || !container || !association) return 'malformed'
  const itemId = uintBe(head, primary.start + 4, uintBe(head, primary.start, 1) === 0 ? 2 : 4)
  const all = [...boxesIn(head, container)]
  const own = propertiesOf(head, association, itemId).map((number) => all[number - 1])
  const extent = own.find((box) => box?.name === 'ispe')
  if (!extent) return 'malformed'
  const turns = own.find((box) => box?.name === 'irot')
  const isTurned = turns !== undefined && uintBe(head, turns.start, 1) % 2 === 1
  const [width, height] = [uintBe(head, extent.start + 4, 4), uintBe(head, extent.start + 8, 4)]
  return isTurned ? { width: height, height: width } : { width, height }
}
