import type { Store } from '../../ports/stores/index.ts'
import { createAccountStore } from './accounts.ts'
import { createAgentStore } from './agents.ts'
import { createApplicationStore } from './applications.ts'
import { createChangeStore } from './changes.ts'
import { collectionsOf } from './collections.ts'
import { Connection, type Deployment } from './connection.ts'
import { createDaemonStore } from './daemons.ts'
import { createDeviceStore } from './devices.ts'
import { Followed } from './followed.ts'
import { createIdempotencyStore } from './idempotency.ts'
import { createLeaseStore } from './leases.ts'
import { createLimitStore } from './limits.ts'
import { createLineages } from './lineages.ts'
import { migrate } from './migrations.ts'
import { createOtpStore } from './otps.ts'
import { createPlaceStore } from './places.ts'
import { createPolicyStore } from './policies.ts'
import { createRefreshKeyStore } from './refresh-keys.ts'
import { createSessionStore } from './sessions.ts'
import { createSignInStore } from './sign-ins.ts'
import { createSigningKeyStore } from './signing-keys.ts'
import { createSpentStore } from './spent.ts'

/** Refuses a database that `storage migrate` has not finished filling. */
const requireWhole = async (connection: Connection): Promise<void> => {
  const unfinished = await collectionsOf(connection.db).guards.findOne({ _id: 'import', finished: false })
  if (unfinished !== null)
    throw new Error(
      'a move into this database is not finished: repeat authctl storage migrate, then start again',
    )
}

/** What a caller can choose when it opens the store. */
export interface MongoOptions {
  readonly refuseStandalone?: boolean
  /** Default: short enough for callers to hear 503 within three seconds. */
  readonly verbDeadlineMs?: number | undefined
}

/**
 * Opens the store in the database that a MongoDB connection string names, creating and migrating it as
 * needed. Any number of daemons on any number of machines may share it. Throws when the deployment cannot be
 * reached, has a newer schema, or is a standalone server where that is refused: such a server has no
 * majority, no retryable writes and no second copy.
 */
export const openMongoStore = async (
  uri: string,
  { refuseStandalone = false, verbDeadlineMs }: MongoOptions = {},
): Promise<Store> => {
  const connection = new Connection(uri, verbDeadlineMs)
  let deployment: Deployment
  try {
    deployment = await connection.inspect()
    if (refuseStandalone && deployment.topology === 'standalone') {
      throw new Error(
        'MONGO_DB_URI names a standalone server, which production refuses: use a replica set (rs.initiate())',
      )
    }
    await migrate(connection.db, deployment)
    await requireWhole(connection)
  } catch (error) {
    await connection.close()
    throw error
  }
  const collections = collectionsOf(connection.db)
  const followed = new Followed(connection)
  const lineages = createLineages(collections)
  const signedInBy = {
    accounts: createAccountStore(connection, collections, lineages),
    otps: createOtpStore(connection, collections),
    sessions: createSessionStore(connection, collections),
    refreshKeys: createRefreshKeyStore(connection, collections),
    limits: createLimitStore(connection, collections),
  }
  return {
    ...signedInBy,
    applications: createApplicationStore(connection, collections, lineages),
    signIns: createSignInStore(connection, collections, signedInBy),
    idempotency: createIdempotencyStore(connection, collections),
    leases: createLeaseStore(connection, collections),
    signingKeys: createSigningKeyStore(connection, collections, followed),
    policies: createPolicyStore(connection, collections, followed),
    places: createPlaceStore(connection, collections),
    daemons: createDaemonStore(connection, collections),
    changes: createChangeStore(connection, collections),
    devices: createDeviceStore(connection, collections),
    spent: createSpentStore(connection, collections),
    agents: createAgentStore(connection, collections),
    readCache: undefined,
    platform: deployment,
    ping: () =>
      connection.run(
        async () => void (await connection.db.command({ ping: 1 }, { readPreference: 'primary' })),
      ),
    close: () => connection.close(),
  }
}
