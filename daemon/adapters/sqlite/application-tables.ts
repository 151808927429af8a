/**
 * The step of the schema that brings applications with their service keys. Triggers keep in whose lists they
 * are and which policies they name, and end them with their owner.
 */
export const APPLICATION_TABLES = `
CREATE TABLE applications (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  owner_path TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  policies TEXT NOT NULL,
  keys TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX applications_owner ON applications(owner_id, id);
CREATE TABLE application_scopes (
  scope TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE application_policies (
  policy TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (policy, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_policies_application ON application_policies(id);
CREATE TRIGGER applications_added AFTER INSERT ON applications BEGIN
  INSERT INTO application_scopes
    SELECT value, NEW.id FROM json_each('["' || replace(NEW.owner_path, '/', '","') || '"]');
  INSERT INTO application_policies SELECT DISTINCT value, NEW.id FROM json_each(NEW.policies) WHERE value IS NOT NULL;
END;
CREATE TRIGGER applications_narrowed AFTER UPDATE OF policies ON applications WHEN NEW.policies <> OLD.policies BEGIN
  DELETE FROM application_policies WHERE id = NEW.id;
  INSERT INTO application_policies SELECT DISTINCT value, NEW.id FROM json_each(NEW.policies) WHERE value IS NOT NULL;
END;
CREATE TRIGGER applications_deleted AFTER DELETE ON applications BEGIN
  DELETE FROM application_policies WHERE id = OLD.id;
  DELETE FROM application_scopes
    WHERE scope IN (SELECT value FROM json_each('["' || replace(OLD.owner_path, '/', '","') || '"]')) AND id = OLD.id;
END;
CREATE TRIGGER accounts_applications_ended AFTER DELETE ON accounts BEGIN
  DELETE FROM applications WHERE owner_id = OLD.id;
END;
`
