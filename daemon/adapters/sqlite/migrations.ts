import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, openSync, renameSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { UsernameKey } from '../../domain/account.ts'
import { usernameSkeletons } from '../../domain/confusables.ts'
import { AGENT_TABLES } from './agent-tables.ts'
import { APPLICATION_TABLES } from './application-tables.ts'
import { APPLICATION_CHANGES, CHANGE_TABLES } from './change-tables.ts'

/** Before schema 5, rows held plain digests of requests, and limits the names that people typed. */
const FORGET_SENT_TEXTS = "DELETE FROM idempotency; DELETE FROM limits WHERE key GLOB 'password:*';"

/** Schema versions, oldest first; each runs once, in order. Never edit one that has shipped: add the next. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    name TEXT,
    username TEXT,
    username_key TEXT UNIQUE,
    phone TEXT,
    email TEXT,
    parent_id TEXT REFERENCES accounts(id),
    path TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    attributes TEXT NOT NULL,
    password_hash TEXT,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX accounts_phone ON accounts(role, phone) WHERE phone IS NOT NULL;
  CREATE INDEX accounts_order ON accounts(created_at, id);
  CREATE INDEX accounts_role ON accounts(role, created_at, id);

  CREATE TABLE otps (
    phone TEXT NOT NULL,
    purpose TEXT NOT NULL,
    client_id TEXT NOT NULL,
    challenge_id TEXT NOT NULL,
    code_mac TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_at INTEGER,
    tries INTEGER NOT NULL,
    tries_until INTEGER NOT NULL,
    wrong_count INTEGER NOT NULL,
    wrong_until INTEGER NOT NULL,
    sealed_code TEXT,
    deliver_after INTEGER NOT NULL,
    delivery_attempts INTEGER NOT NULL,
    PRIMARY KEY (phone, purpose)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX otps_delivery ON otps(deliver_after) WHERE sealed_code IS NOT NULL;
  CREATE INDEX otps_expiry ON otps(expires_at);

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    rotation INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    token_digest TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_account ON sessions(account_id, created_at);
  CREATE INDEX sessions_expiry ON sessions(idle_expires_at);

  CREATE TABLE refresh_keys (
    account_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    mac TEXT NOT NULL,
    wrong_tries INTEGER NOT NULL,
    set_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE limits (
    key TEXT PRIMARY KEY,
    windows TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX limits_expiry ON limits(expires_at);

  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed_reply TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_expiry ON idempotency(expires_at);

  CREATE TABLE leases (
    job TEXT PRIMARY KEY,
    slot INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    alg TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    sealed_private_jwk TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE places (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    longitude REAL NOT NULL,
    latitude REAL NOT NULL,
    address TEXT,
    operator TEXT,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX places_latitude ON places(latitude, longitude);
  CREATE TABLE revisions (name TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE signing_keys ADD COLUMN sequence INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE signing_keys ADD COLUMN active_from INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE signing_keys ADD COLUMN revoked_at INTEGER;
  CREATE UNIQUE INDEX signing_keys_sequence ON signing_keys(sequence);
  `,
  // Every query stays flat however many accounts there are. An account's scopes are the ids above it on its
  // path; triggers keep them, so that also a daemon of the schema before, which may still run on this file,
  // leaves none out.
  `
  CREATE TABLE account_scopes (
    scope TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (scope, role, status, created_at, id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO account_scopes SELECT above.value, accounts.role, accounts.status, accounts.created_at, accounts.id
    FROM accounts, json_each('["' || replace(accounts.path, '/', '","') || '"]') AS above WHERE above.value <> accounts.id
    ORDER BY 1, 2, 3, 4, 5;
  CREATE TRIGGER accounts_inserted AFTER INSERT ON accounts WHEN NEW.path <> NEW.id BEGIN
    INSERT INTO account_scopes SELECT value, NEW.role, NEW.status, NEW.created_at, NEW.id
      FROM json_each('["' || replace(NEW.path, '/', '","') || '"]') WHERE value <> NEW.id;
  END;
  CREATE TRIGGER accounts_status_set AFTER UPDATE OF status ON accounts WHEN NEW.path <> NEW.id AND NEW.status <> OLD.status BEGIN
    UPDATE account_scopes SET status = NEW.status
      WHERE scope IN (SELECT value FROM json_each('["' || replace(NEW.path, '/', '","') || '"]'))
        AND role = NEW.role AND status = OLD.status AND created_at = NEW.created_at AND id = NEW.id;
  END;
  DROP INDEX accounts_order;
  DROP INDEX accounts_role;
  CREATE INDEX accounts_role ON accounts(role, status, created_at, id);
  CREATE INDEX accounts_parent ON accounts(parent_id, role, status, created_at, id) WHERE parent_id IS NOT NULL;

  DROP INDEX otps_expiry;
  CREATE INDEX otps_end ON otps(max(expires_at, tries_until, wrong_until));

  DROP INDEX sessions_account;
  CREATE INDEX sessions_live ON sessions(account_id, created_at DESC, id) WHERE revoked_at IS NULL;

  CREATE INDEX places_type ON places(type, id);
  `,
  // Policies: texts under their digests, and one head for each namespace. Triggers keep what is attached
  // where, and clear up after deletions.
  `
  CREATE TABLE policy_texts (hash TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE policy_heads (namespace TEXT PRIMARY KEY, revision TEXT NOT NULL, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  ALTER TABLE accounts ADD COLUMN policies TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE accounts ADD COLUMN boundary TEXT;
  CREATE TABLE account_policies (
    policy TEXT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (policy, account_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX account_policies_account ON account_policies(account_id);
  CREATE TRIGGER accounts_attached_first AFTER INSERT ON accounts WHEN NEW.policies <> '[]' OR NEW.boundary IS NOT NULL BEGIN
    INSERT INTO account_policies SELECT value, NEW.id FROM json_each(NEW.policies)
      UNION SELECT NEW.boundary, NEW.id WHERE NEW.boundary IS NOT NULL;
  END;
  CREATE TRIGGER accounts_attached AFTER UPDATE OF policies, boundary ON accounts
    WHEN NEW.policies <> OLD.policies OR NEW.boundary IS NOT OLD.boundary BEGIN
    DELETE FROM account_policies WHERE account_id = NEW.id;
    INSERT INTO account_policies SELECT value, NEW.id FROM json_each(NEW.policies)
      UNION SELECT NEW.boundary, NEW.id WHERE NEW.boundary IS NOT NULL;
  END;
  CREATE TRIGGER accounts_deleted AFTER DELETE ON accounts BEGIN
    DELETE FROM account_policies WHERE account_id = OLD.id;
    DELETE FROM refresh_keys WHERE account_id = OLD.id;
    DELETE FROM account_scopes
      WHERE scope IN (SELECT value FROM json_each('["' || replace(OLD.path, '/', '","') || '"]'))
        AND role = OLD.role AND status = OLD.status AND created_at = OLD.created_at AND id = OLD.id;
  END;
  `,
  FORGET_SENT_TEXTS,
  // What usernames look like. If accounts look alike already, the oldest has the skeleton; all keep
  // their names.
  `
  CREATE TABLE username_skeletons (skeleton TEXT PRIMARY KEY, account_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX username_skeletons_account ON username_skeletons(account_id);
  INSERT OR IGNORE INTO username_skeletons SELECT skeletons.value, accounts.id
    FROM accounts, json_each(skeletons_of(accounts.username, accounts.username_key)) AS skeletons
    WHERE accounts.username_key IS NOT NULL ORDER BY accounts.created_at, accounts.id;
  CREATE TRIGGER accounts_look_freed AFTER DELETE ON accounts BEGIN
    DELETE FROM username_skeletons WHERE account_id = OLD.id;
  END;
  `,
  // What daemons say of themselves: the revisions that they decide by, and what has allowed something lately.
  `
  CREATE TABLE daemons (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    live_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    beat INTEGER NOT NULL,
    heads_digest TEXT NOT NULL,
    heads TEXT NOT NULL,
    uses TEXT NOT NULL,
    shadows TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX daemons_expiry ON daemons(expires_at);
  `,
  APPLICATION_TABLES,
  CHANGE_TABLES,
  // Devices that ask to be signed in, and what works once.
  `
  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    client_id TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    account_id TEXT,
    epoch INTEGER,
    interval_ms INTEGER NOT NULL,
    poll_after INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX devices_expiry ON devices(expires_at);

  CREATE TABLE spent (key TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX spent_expiry ON spent(expires_at);
  `,
  AGENT_TABLES,
  // Which devices are let in for an account.
  'CREATE INDEX devices_account ON devices(account_id) WHERE account_id IS NOT NULL;',
  // Public keys of applications; a daemon of before leaves them as they are.
  `ALTER TABLE applications ADD COLUMN public_keys TEXT NOT NULL DEFAULT '[]';`,
  // Which agents are of owners at a path and below it.
  'CREATE INDEX agents_owner ON agents(owner_path, id);',
  APPLICATION_CHANGES,
  // When public keys were used last.
  `UPDATE applications SET public_keys = (
    SELECT json_group_array(json_set(value, '$.lastUsedAt', NULL)) FROM json_each(public_keys)
  ) WHERE public_keys <> '[]';`,
]

/** The version of the schema that this release writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

const versionOf = (db: DatabaseSync): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/**
 * Keeps what an older authctl has written beside the database, closed to other users, before it is migrated.
 * Repeating it changes nothing.
 */
const keepSnapshot = (db: DatabaseSync, file: string, schema: number): void => {
  const snapshot = `${file}.schema-${schema}`
  if (existsSync(snapshot)) return
  // In a container the process that was killed while it wrote one had the same id.
  const draft = `${snapshot}.${randomBytes(6).toString('hex')}.part`
  closeSync(openSync(draft, 'wx', 0o600))
  chmodSync(draft, 0o600)
  db.prepare('VACUUM INTO ?').run(draft)
  renameSync(draft, snapshot)
}

const KEYED_SINCE = MIGRATIONS.indexOf(FORGET_SENT_TEXTS) + 1

/**
 * Rids a file of an older schema of plain digests of requests, which are fast hashes of the passwords in
 * them (B1): the rows, their remains in free pages, and the log. Before the snapshot is made, so that it has
 * none either; repeating it changes nothing.
 */
const scrub = (db: DatabaseSync): void => {
  db.exec(`${FORGET_SENT_TEXTS} VACUUM; PRAGMA wal_checkpoint(TRUNCATE)`)
}

/**
 * Brings the schema up to date under the write lock, so that of several daemons that start together one
 * migrates and the others find it done. A snapshot of the older schema is kept. Throws when the file was
 * written by a newer authctl: nothing is changed then.
 */
export const migrate = (db: DatabaseSync, file: string): void => {
  const present = versionOf(db)
  if (present === SCHEMA_VERSION) return
  if (present > 0 && present < KEYED_SINCE) scrub(db)
  if (present > 0 && present < SCHEMA_VERSION) keepSnapshot(db, file, present)
  db.function('skeletons_of', { deterministic: true }, (username, key) =>
    JSON.stringify(usernameSkeletons(String(username ?? key), String(key) as UsernameKey)),
  )
  db.exec('BEGIN IMMEDIATE')
  try {
    const found = versionOf(db)
    if (found > SCHEMA_VERSION) {
      throw new Error(
        `the database has schema ${found}, this authctl knows ${SCHEMA_VERSION}: run the newer authctl, or restore a backup`,
      )
    }
    for (const migration of MIGRATIONS.slice(found)) db.exec(migration)
    db.exec(`PRAGMA user_version=${SCHEMA_VERSION}`)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}
