/**
 * What has changed that applications remember, for those who follow it: a row for each change, written by
 * triggers in its transaction, whichever daemon makes it. The newest of them are kept.
 */
export const CHANGE_TABLES = `
  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    nonce TEXT NOT NULL DEFAULT (lower(hex(randomblob(8)))),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    ended_at INTEGER
  ) STRICT;
  INSERT INTO changes (kind, id, path) VALUES ('begin', '', '');
  CREATE TRIGGER changes_of_new_accounts AFTER INSERT ON accounts WHEN NEW.role <> 'user' BEGIN
    INSERT INTO changes (kind, id, path) VALUES ('account', NEW.id, NEW.path);
  END;
  CREATE TRIGGER changes_of_accounts AFTER UPDATE OF status, attributes, policies, boundary, epoch ON accounts
    WHEN NEW.status <> OLD.status OR NEW.attributes <> OLD.attributes OR NEW.policies <> OLD.policies
      OR NEW.boundary IS NOT OLD.boundary OR NEW.epoch <> OLD.epoch BEGIN
    INSERT INTO changes (kind, id, path, ended_at)
      VALUES ('account', NEW.id, NEW.path, CASE WHEN NEW.epoch <> OLD.epoch THEN NEW.updated_at END);
  END;
  CREATE TRIGGER changes_of_deleted_accounts AFTER DELETE ON accounts BEGIN
    INSERT INTO changes (kind, id, path, ended_at) VALUES ('account', OLD.id, OLD.path, 253402300799000);
  END;
  CREATE TRIGGER changes_of_sessions AFTER UPDATE OF revoked_at ON sessions
    WHEN OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL BEGIN
    INSERT INTO changes (kind, id, path, ended_at) SELECT 'session', NEW.id, path, NEW.revoked_at
      FROM accounts WHERE id = NEW.account_id;
  END;
  CREATE TRIGGER changes_of_first_heads AFTER INSERT ON policy_heads BEGIN
    INSERT INTO changes (kind, id, path) VALUES ('head', NEW.namespace, '');
  END;
  CREATE TRIGGER changes_of_heads AFTER UPDATE ON policy_heads BEGIN
    INSERT INTO changes (kind, id, path) VALUES ('head', NEW.namespace, '');
  END;
  CREATE TRIGGER changes_of_deleted_heads AFTER DELETE ON policy_heads BEGIN
    INSERT INTO changes (kind, id, path) VALUES ('head', OLD.namespace, '');
  END;
  CREATE TRIGGER changes_swept AFTER INSERT ON changes WHEN NEW.seq % 256 = 0 BEGIN
    DELETE FROM changes WHERE seq <= NEW.seq - 20000;
  END;
  `

/** The same of applications, and of what is used up and concerns an account. */
export const APPLICATION_CHANGES = `
  ALTER TABLE spent ADD COLUMN path TEXT;
  CREATE TRIGGER changes_of_applications AFTER UPDATE OF status, keys, public_keys ON applications
    WHEN NEW.version <> OLD.version
      AND (NEW.status <> OLD.status OR NEW.keys <> OLD.keys OR NEW.public_keys <> OLD.public_keys) BEGIN
    INSERT INTO changes (kind, id, path) VALUES ('application', NEW.id, NEW.owner_path);
  END;
  CREATE TRIGGER changes_of_deleted_applications AFTER DELETE ON applications
    WHEN EXISTS (SELECT 1 FROM accounts WHERE id = OLD.owner_id) BEGIN
    INSERT INTO changes (kind, id, path) VALUES ('application', OLD.id, OLD.owner_path);
  END;
  CREATE TRIGGER changes_of_spent AFTER INSERT ON spent WHEN NEW.path IS NOT NULL BEGIN
    INSERT INTO changes (kind, id, path, ended_at) VALUES ('spent', NEW.key, NEW.path, NEW.expires_at);
  END;
  `
