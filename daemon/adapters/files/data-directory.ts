import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const GROUP_OR_OTHERS = 0o077

const requirePrivate = (path: string, mode: string): void => {
  const found = statSync(path).mode & 0o777
  if ((found & GROUP_OR_OTHERS) !== 0) {
    const message = `${path} is open to other users (mode ${found.toString(8)}): run chmod ${mode} ${path}`
    throw Object.assign(new Error(message), { code: 'ERR_OPEN_TO_OTHERS' })
  }
}

/**
 * Creates the directory with mode 0700 whatever the umask is, or checks that an existing one is closed to
 * other users.
 */
export const openDataDirectory = (directory: string): string => {
  const created = mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (created !== undefined) chmodSync(directory, 0o700)
  requirePrivate(directory, '700')
  return directory
}

/**
 * Writes a new file with mode 0600 in one step; false if there is one already. Of processes that race, one
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
    requirePrivate(path, '600')
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
