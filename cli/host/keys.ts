import type { Host } from './daemon.ts'

type Key = Awaited<ReturnType<Host['keys']['list']>>[number]

/** The columns of a list of signing keys. */
export const keyColumns = ['kid', 'state', 'active_from', 'created_at', 'revoked_at'] as const

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A signing key as it is printed. */
export const keyRow = (key: Key): Record<(typeof keyColumns)[number], string | null> => ({
  kid: key.kid,
  state: key.state,
  active_from: time(key.activeFrom),
  created_at: time(key.createdAt),
  revoked_at: time(key.revokedAt),
})
