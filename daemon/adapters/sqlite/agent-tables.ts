/** What processes of applications that decide by themselves say of themselves. */
export const AGENT_TABLES = `
CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  audience TEXT NOT NULL,
  agent TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  owner_path TEXT NOT NULL,
  software TEXT,
  language INTEGER NOT NULL,
  revision TEXT NOT NULL,
  heads TEXT NOT NULL,
  allowed INTEGER NOT NULL,
  denied INTEGER NOT NULL,
  denials TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX agents_expiry ON agents(expires_at);
`
