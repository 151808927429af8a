import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const GROUP_OR_OTHERS = 0o077

const refuse = (message: string): never => {
  throw Object.assign(new Error(message), { code: 'ERR_OPEN_TO_OTHERS' })
}

/** Root may work on what another user keeps: `sudo authctl backup`. */
const requireOwn = (path: string, owner: number): void => {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0 && owner !== uid) refuse(`${path} belongs to another user: run chown ${uid} ${path}`)
}

const requirePrivate = (path: string, found: Stats, mode: string): void => {
  const bits = found.mode & 0o777
  if ((bits & GROUP_OR_OTHERS) !== 0)
    refuse(`${path} is open to other users (mode ${bits.toString(8)}): run chmod ${mode} ${path}`)
  requireOwn(path, found.uid)
}

/** A link in the place of a file of ours was put there by somebody. */
const requireNoLink = (path: string, found: Stats): void => {
  if (found.isSymbolicLink()) refuse(`${path} is a symbolic link: put the file itself there`)
}

const SET_GROUP = 0o2000
const OTHERS = 0o007
const OTHERS_WRITE = 0o002

interface Owned {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** Who this process is, for questions of files. */
export interface Identity {
  readonly uid: number
  readonly groups: readonly number[]
}

const identity = (): Identity => ({
  uid: process.getuid?.() ?? 0,
  groups: [process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])],
})

/**
 * What Kubernetes has done to a directory by `fsGroup`: it gives a volume to a group of the pod alone, with
 * the set-group bit. `lent`: the directory is not ours, and we use it as it is. `widened`: it is one that we
 * made, and may close again. Undefined: Kubernetes has done nothing.
 */
export const markOfFsGroup = ({ mode, uid, gid }: Owned, us: Identity): 'lent' | 'widened' | undefined => {
  if ((mode & SET_GROUP) === 0 || !us.groups.includes(gid)) return undefined
  if (uid !== us.uid) return (mode & OTHERS_WRITE) === 0 ? 'lent' : undefined
  return (mode & OTHERS) === 0 ? 'widened' : undefined
}

/**
 * Closes the files that were widened with their directory; whatever is not ours is left for who reads it to
 * refuse.
 */
const closeFiles = (directory: string, { uid }: Identity): void => {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    const found = lstatSync(path)
    if (
      found.isFile() &&
      found.uid === uid &&
      (found.mode & GROUP_OR_OTHERS) !== 0 &&
      (found.mode & OTHERS) === 0
    )
      chmodSync(path, 0o600)
  }
}

/**
 * Creates the directory with mode 0700 whatever the umask is, or checks that an existing one is closed to
 * other users. A volume that Kubernetes has given to the group of the pod is closed enough: its files are.
 */
export const openDataDirectory = (directory: string): string => {
  const created = mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (created !== undefined) chmodSync(directory, 0o700)
  const us = identity()
  const mark = markOfFsGroup(statSync(directory), us)
  if (mark === 'widened') chmodSync(directory, 0o700)
  if (mark !== undefined) closeFiles(directory, us)
  if (mark !== 'lent') requirePrivate(directory, statSync(directory), '700')
  return directory
}

/**
 * Writes a new file with mode 0600 in one step; false if there is one already. If processes race, one
 * wins.
 */
export const createPrivateFile = (path: string, content: string): boolean => {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true })
  try {
    chmodSync(draft, 0o600)
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The text of a private file; undefined if there is none. Throws if other users can read it. */
export const readPrivateFile = (path: string): string | undefined => {
  try {
    const found = lstatSync(path)
    requireNoLink(path, found)
    requirePrivate(path, found, '600')
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * A secret that development mode makes up: kept in `<directory>/<name>.secret`, the same for every daemon of
 * the directory.
 */
export const generatedSecret = (directory: string, name: string): string => {
  const path = join(directory, `${name}.secret`)
  const existing = readPrivateFile(path)
  if (existing !== undefined) return existing.trim()
  createPrivateFile(path, `${randomBytes(36).toString('base64url')}\n`)
  return readPrivateFile(path)?.trim() ?? ''
}
