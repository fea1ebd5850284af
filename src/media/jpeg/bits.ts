/** Bits, first one first, in bytes that grow; a 0xff among them is followed by a zero (ITU-T T.81 §B.1.1.5). */
export const openBitWriter = (expectedBytes: number) => {
  let bytes = new Uint8Array(Math.max(64, expectedBytes))
  let length = 0
  let pending = 0
  let pendingBits = 0

  const writeByte = (byte: number): void => {
    if (length === bytes.length) {
      const grown = new Uint8Array(bytes.length * 2)
      grown.set(bytes)
      bytes = grown
    }
    bytes[length] = byte
    length += 1
  }

  /** At most 16 bits at a time. */
  const writeBits = (value: number, bits: number): void => {
    pending = (pending << bits) | value
    pendingBits += bits
    while (pendingBits >= 8) {
      pendingBits -= 8
      const byte = (pending >>> pendingBits) & 0xff
      writeByte(byte)
      if (byte === 0xff) writeByte(0)
    }
    pending &= (1 << pendingBits) - 1
  }

  /** The last byte is filled up with ones. */
  const finish = (): Uint8Array<ArrayBuffer> => {
    if (pendingBits > 0) writeBits((1 << (8 - pendingBits)) - 1, 8 - pendingBits)
    return bytes.slice(0, length)
  }

  return { writeBits, finish }
}

export type BitWriter = ReturnType<typeof openBitWriter>
