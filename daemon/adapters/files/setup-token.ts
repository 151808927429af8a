import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { SetupToken } from '../../ports/setup-token.ts'
import { createPrivateFile, readPrivateFile } from './data-directory.ts'

const LIFE_MS = 24 * 3600 * 1000

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Keeps the set-up token in `<directory>/setup-token` (mode 0600): the token on the first line, its expiry on
 * the second. Every daemon of the directory honours it. That it works once is the store's doing: it inserts
 * only one first super-admin.
 */
export const createSetupTokenFile = (directory: string): SetupToken => {
  const path = join(directory, 'setup-token')

  const live = (now: number): string | undefined => {
    const [token, expiry] = (readPrivateFile(path) ?? '').split('\n')
    return token !== undefined && token !== '' && Date.parse(expiry ?? '') > now ? token : undefined
  }

  return {
    issue: (now) => {
      if (live(now) === undefined) {
        rmSync(path, { force: true })
        createPrivateFile(
          path,
          `${randomBytes(24).toString('base64url')}\n${new Date(now + LIFE_MS).toISOString()}\n`,
        )
      }
      return path
    },
    matches: (text, now) => {
      const token = live(now)
      return token !== undefined && timingSafeEqual(digest(token), digest(text))
    },
    discard: () => rmSync(path, { force: true }),
  }
}
