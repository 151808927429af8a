import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { getuid } from 'node:process'
import { shellWord } from '../output/shell-word.ts'
import { localProblem } from '../problem.ts'

const STICKY = 0o1000
const WRITABLE_BY_ALL = 0o002

/** Refuses a folder in which somebody else could put other files in the place of ours (J4). */
export const requireOwnFolder = (path: string): void => {
  if (getuid === undefined) return
  const { uid, mode } = statSync(path)
  const refuse = (why: string, remedy: string): never => {
    throw localProblem('unsafe_folder', `${path} ${why}; nothing was written`, remedy)
  }
  if (uid !== getuid() && uid !== 0) refuse('belongs to another user', 'Name a folder of your own.')
  if ((mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0)
    refuse('can be written by everybody', `Fix it with: chmod o-w ${shellWord(path)}`)
}

/**
 * Makes a folder of mode 0700 whatever the umask is (J4). One that is there already keeps its mode, and must
 * be our own.
 */
export const makeOwnFolder = (path: string): void => {
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700)
  else requireOwnFolder(path)
}

/**
 * Writes a file that must not be there yet, with exactly this mode whatever the umask is. A link in its place
 * is not followed.
 */
export const writeNewFile = (path: string, content: string, mode: number): void => {
  const file = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(file, mode)
    writeSync(file, content)
  } finally {
    closeSync(file)
  }
}
