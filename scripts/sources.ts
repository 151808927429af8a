import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Holds the digest of the sources that `dist` was built from. */
export const STAMP = 'dist/.sources'

const INPUTS = [
  'cli/**/*.ts',
  'daemon/**/*.ts',
  'daemon/http/docs-assets/*',
  'policies/**/*.{ts,json}',
  'sdk/**/*.{ts,json}',
  'scripts/**/*.ts',
  '{package,package-lock,tsconfig}.json',
  'tsup.config.ts',
]

/**
 * A digest over the path and content of every file that the build reads. Content, not times: a checkout may
 * set any time.
 */
export const digestSources = (): string => {
  const files = globSync(INPUTS, { cwd: ROOT, exclude: ['**/node_modules/**', '**/dist/**'] }).sort()
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${ROOT}${file}`))
      .update('\0')
  return hash.digest('hex')
}

/** Whether `dist` is missing or was built from other sources than those on disk. */
export const isStale = (): boolean =>
  !existsSync(`${ROOT}${STAMP}`) || readFileSync(`${ROOT}${STAMP}`, 'utf8') !== digestSources()
