import { ascii, hasAscii, uintBe } from '../bytes.ts'
import type { ContentType } from '../content-type.ts'
import { type Detector, goesOnBeyond } from './head.ts'

const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']
const avifBrands = ['avif', 'avis']
const heifBrands = ['mif1', 'mif2', 'msf1']
const audioBrands = ['M4A ', 'M4B ', 'M4P ']
const videoBrands = ['mp41', 'mp42', 'mp71', 'avc1', 'M4V ', 'M4VH', 'M4VP', 'dash', 'mmp4', 'MSNV', 'f4v ']

const isVideoBrand = (brand: string): boolean => videoBrands.includes(brand) || /^iso[m2-9a-c]$/.test(brand)

/** The major brand decides where it is one of ours, the compatible ones only where it is not. */
const typeOf = (major: string, compatible: readonly string[]): ContentType | null => {
  if (major === 'qt  ') return 'video/quicktime'
  if (heicBrands.includes(major)) return 'image/heic'
  if (avifBrands.includes(major)) return 'image/avif'
  if (heifBrands.includes(major)) {
    if (compatible.some((brand) => avifBrands.includes(brand))) return 'image/avif'
    return compatible.some((brand) => heicBrands.includes(brand)) ? 'image/heic' : 'image/heif'
  }
  if (audioBrands.includes(major)) return 'audio/mp4'
  if (isVideoBrand(major) || compatible.some(isVideoBrand)) return 'video/mp4'
  return null
}

/** A box header as it may follow the file type box: a name in letters and a size that holds at least itself. */
const hasBoxAt = (head: Buffer, offset: number): boolean => {
  const sizeBytes = uintBe(head, offset, 4)
  return (sizeBytes >= 8 || sizeBytes <= 1) && /^[A-Za-z0-9 ]{4}$/.test(ascii(head, offset + 4, 4))
}

/** Files of the ISO base media family, by the brands of their file type box; something has to follow it. */
export const detectIso: Detector = (head) => {
  if (!hasAscii(head, 4, 'ftyp')) return null
  const sizeBytes = uintBe(head, 0, 4)
  if (!(sizeBytes >= 16 && sizeBytes <= 1024 && sizeBytes % 4 === 0)) return null
  if (!hasBoxAt(head, sizeBytes) && !goesOnBeyond(head, sizeBytes)) return null
  const compatible: string[] = []
  for (let offset = 16; offset < sizeBytes; offset += 4) compatible.push(ascii(head, offset, 4))
  return typeOf(ascii(head, 8, 4), compatible)
}
