import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreFailure } from '../../ports/stores/failure.ts'
import type { Store } from '../../ports/stores/index.ts'
import { createAccountStore } from './accounts.ts'
import { createAgentStore } from './agents.ts'
import { createApplicationStore } from './applications.ts'
import { createChangeStore } from './changes.ts'
import { Database } from './database.ts'
import { createDaemonStore } from './daemons.ts'
import { createDeviceStore } from './devices.ts'
import { createIdempotencyStore } from './idempotency.ts'
import { createLeaseStore } from './leases.ts'
import { createLimitStore } from './limits.ts'
import { createOtpStore } from './otps.ts'
import { createPlaceStore } from './places.ts'
import { createPolicyStore } from './policies.ts'
import { createRefreshKeyStore } from './refresh-keys.ts'
import { createSessionStore } from './sessions.ts'
import { createSignInStore } from './sign-ins.ts'
import { createSigningKeyStore } from './signing-keys.ts'
import { createSpentStore } from './spent.ts'

/** What the write-ahead log grows to between two checkpoints. */
const NEEDED_BYTES = 4 * 1024 * 1024

/** Throws `unavailable` where the next writes will not fit on the disk. */
const requireSpace = async (file: string): Promise<void> => {
  const { bavail, bsize } = await statfs(dirname(file))
  if (bavail * bsize < NEEDED_BYTES) throw new StoreFailure('unavailable', 'the disk of the database is full')
}

/**
 * Opens the embedded store in one SQLite file, creating and migrating it as needed. Several daemons on one
 * machine may share the file. Throws when the file cannot be used or has a newer schema.
 * @param cachedRows how many sessions, and how many accounts, are remembered while nothing changes them
 */
export const openSqliteStore = (file: string, cachedRows = 0): Store => {
  const db = new Database(file, cachedRows)
  const ping = db.reading('SELECT 1')
  const sqliteVersion = process.versions.sqlite ?? ''
  return {
    accounts: createAccountStore(db),
    applications: createApplicationStore(db),
    otps: createOtpStore(db),
    sessions: createSessionStore(db),
    refreshKeys: createRefreshKeyStore(db),
    signIns: createSignInStore(db),
    limits: createLimitStore(db),
    idempotency: createIdempotencyStore(db),
    leases: createLeaseStore(db),
    signingKeys: createSigningKeyStore(db),
    policies: createPolicyStore(db),
    places: createPlaceStore(db),
    daemons: createDaemonStore(db),
    changes: createChangeStore(db),
    devices: createDeviceStore(db),
    spent: createSpentStore(db),
    agents: createAgentStore(db),
    readCache: () => db.cache.figures(),
    platform: { engine: 'SQLite', version: sqliteVersion, topology: 'file' },
    ping: async () => {
      await db.read(() => void ping.get())
      await requireSpace(file)
    },
    close: () => db.close(),
  }
}
