import { StorageError } from '../media/storage.ts'
import { EmbeddedPostgresFailure } from '../store/embedded-failure.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { findFolderAdvice } from './folder-advice.ts'

/** How a command ends where the disk that it was given is of no use to it; null for any other error. */
export const toFolderFailure = (error: unknown): CommandFailed | null => {
  if (error instanceof EmbeddedPostgresFailure) return toEmbeddedFailure(error)
  if (error instanceof StorageError) return toStorageFailure(error)
  const { code, syscall, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  // Who may not read or write what is said by the message; of a whole disk it is not clear what to do.
  if (code === undefined || syscall === undefined || !diskCodes.includes(code)) return null
  return new CommandFailed(exitCodes.failed, `${message}. ${findFolderAdvice(code, 'folder')}`, { code })
}

const diskCodes = ['EROFS', 'ENOSPC', 'EDQUOT']

const toEmbeddedFailure = ({ message, advice }: EmbeddedPostgresFailure): CommandFailed =>
  new CommandFailed(exitCodes.failed, advice === null ? message : `${message}\n${advice}`)

const toStorageFailure = ({ message, cause, code }: StorageError): CommandFailed => {
  const said = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { message, code }
  const advice =
    findFolderAdvice(said.code ?? null, 'DATA_DIR or STORAGE_URL') ?? 'Check DATA_DIR and STORAGE_URL.'
  return new CommandFailed(exitCodes.failed, `the storage cannot be used: ${said.message}. ${advice}`, {
    code: said.code ?? code,
  })
}
