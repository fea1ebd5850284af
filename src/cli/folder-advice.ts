/** What to do about what the system says of a folder that a setting names; null where that is not known. */
export const findFolderAdvice = (code: string | null, setting: string): string | null => {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'Give the user that runs Clipline the right to write there.'
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Make room on that disk.'
    case 'EROFS':
      return `The disk is mounted read-only: mount it for writing, or choose another ${setting}.`
    default:
      return null
  }
}
