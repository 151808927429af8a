import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

/** A link in its place is not followed (J4). */
const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW

/** Opens a file to append to, with mode 0600 whatever it had before; makes it if there is none. */
export const openPrivately = async (path: string): Promise<FileHandle> => {
  const handle = await open(path, APPENDING, 0o600)
  try {
    await handle.chmod(0o600)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
