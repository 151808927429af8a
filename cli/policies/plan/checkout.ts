import { execFileSync } from 'node:child_process'
import { realpathSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { cwd } from 'node:process'
import { surroundings } from '../../surroundings.ts'

/** Where a folder of policies stands in git. */
export interface Checkout {
  /** The folder, relative to the root of the repository, with `/`; `.` for the root itself. */
  readonly directory: string
  readonly commit: string | null
  /** Whether the folder has changes that the commit does not have. */
  readonly dirty: boolean
}

const TIMEOUT_MS = 10_000

/** What git says; undefined where there is no git, no repository or no commit. */
const git = (folder: string, args: readonly string[]): string | undefined => {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      env: { ...surroundings().env, GIT_OPTIONAL_LOCKS: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    }).trim()
  } catch {
    return undefined
  }
}

const topLevel = (folder: string): string | undefined => git(folder, ['rev-parse', '--show-toplevel'])

const inside = (from: string, to: string): string => {
  const path = relative(from, to).replaceAll('\\', '/')
  return path === '' || path.startsWith('..') ? '.' : path
}

/**
 * Where a folder stands: in its repository, or without one below the working directory. What is no folder,
 * such as a set in one text, stands nowhere.
 */
export const checkoutOf = (folder: string): Checkout => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return { directory: '.', commit: null, dirty: false }
  const real = realpathSync(folder)
  const top = topLevel(real)
  if (top === undefined) return { directory: inside(cwd(), real), commit: null, dirty: false }
  const changes = git(real, ['status', '--porcelain', '--untracked-files=all', '--', '.'])
  return {
    directory: inside(realpathSync(top), real),
    commit: git(real, ['rev-parse', '--verify', 'HEAD']) ?? null,
    dirty: changes !== '',
  }
}

/** The folder that a plan was made of: below the root of this repository, or the working directory. */
export const folderOf = (directory: string): string => {
  const path = join(topLevel(cwd()) ?? cwd(), directory)
  return relative(cwd(), resolve(path)) || '.'
}
