import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { getuid } from 'node:process'
import { makeOwnFolder } from '../host/own-files.ts'
import { shellWord } from '../output/shell-word.ts'
import { localProblem } from '../problem.ts'
import { surroundings } from '../surroundings.ts'

/**
 * The folder of the command line's own files: `AUTHCTL_CONFIG_DIR`, else `authctl` in the XDG configuration
 * folder.
 */
export const configDirectory = (): string => {
  const { env } = surroundings()
  const own = env['AUTHCTL_CONFIG_DIR'] ?? ''
  if (own !== '') return own
  const xdg = env['XDG_CONFIG_HOME'] ?? ''
  // A relative XDG path is to be ignored (XDG Base Directory Specification).
  return join(xdg.startsWith('/') ? xdg : join(env['HOME'] ?? homedir(), '.config'), 'authctl')
}

/** Refuses a file of ours, with the command that repairs it. */
export const refuseFile = (path: string, why: string, fix: string): never => {
  throw localProblem('unsafe_credentials', `${path} ${why}`, `Fix it with: ${fix}`)
}

/**
 * Refuses a file that others could read or have written (CLI-C16); on Windows the user profile protects it.
 */
const requirePrivate = (path: string, remedy: string): void => {
  const found = lstatSync(path)
  const { mode, uid } = found
  if (found.isSymbolicLink()) refuseFile(path, 'is a symbolic link', remedy)
  if (process.platform === 'win32') return
  if (getuid !== undefined && uid !== getuid()) refuseFile(path, 'belongs to another user', remedy)
  if ((mode & 0o077) !== 0)
    refuseFile(
      path,
      `can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`,
      `chmod 600 ${shellWord(path)}`,
    )
}

/** The text of a file of ours; undefined where there is none. `remedy` is what to type if it is not ours. */
export const readPrivateFile = (path: string, remedy: string): string | undefined => {
  try {
    requirePrivate(path, remedy)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes a new file beside the old one and renames it, so that a reader sees the old or the new one whole. A
 * folder that was there before keeps its mode, and is refused where others could change what is in it.
 */
export const writePrivateFile = (path: string, text: string): void => {
  const directory = dirname(path)
  makeOwnFolder(directory)
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    // The umask may have taken our own rights.
    fchmodSync(file, 0o600)
    writeSync(file, text)
    fsyncSync(file)
  } catch (error) {
    closeSync(file)
    rmSync(temporary, { force: true })
    throw error
  }
  closeSync(file)
  renameSync(temporary, path)
}
