/** The part of `heic-decode` (libheif as WebAssembly) that is used; the package brings no types. */
declare module 'heic-decode' {
  interface HeicImage {
    readonly width: number
    readonly height: number
    decode(): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8ClampedArray }>
  }

  const decodeHeic: {
    /** Every top-level image of the file, the primary one first; none is decoded yet. */
    all(file: { readonly buffer: Uint8Array }): Promise<readonly HeicImage[] & { dispose(): void }>
  }
  export default decodeHeic
}
