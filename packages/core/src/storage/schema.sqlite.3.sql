-- From schema 2 to 3: who may come in, and where the audit's chains end. Nothing here holds a secret itself.
CREATE TABLE api_key (
  id TEXT PRIMARY KEY, prefix TEXT NOT NULL UNIQUE, hash BLOB NOT NULL, -- prefix: shown, and how a key is found; hash: SHA-256 of the whole key
  name TEXT NOT NULL, scopes TEXT NOT NULL, datasets TEXT, -- JSON string[]; datasets: ids, NULL = all
  created_by TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, used_at INTEGER, revoked_at INTEGER, revoked_by TEXT -- used_at: to the minute
) STRICT;
CREATE UNIQUE INDEX ux_api_key_name ON api_key (name) WHERE revoked_at IS NULL;
CREATE TABLE user (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL CHECK (role IN ('viewer', 'reviewer', 'editor', 'admin')), datasets TEXT,
  password TEXT, -- argon2id with its parameters, as `$argon2id$v=19$m=…,t=…,p=…$salt$hash`; NULL = signs in by a link only
  created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX ux_user_name ON user (name) WHERE removed_at IS NULL;
CREATE TABLE session ( -- of a browser, or a link that becomes one
  id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('session', 'link')), hash BLOB NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL, used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, agent TEXT NOT NULL DEFAULT '' -- expires_at slides with use, never past ends_at
) STRICT;
CREATE INDEX ix_session_user ON session (user_id);
CREATE INDEX ix_session_expires ON session (expires_at);

CREATE TABLE audit_head (segment TEXT PRIMARY KEY, hash BLOB NOT NULL) STRICT, WITHOUT ROWID; -- ends of chains that no later segment has taken up yet
PRAGMA user_version = 3;
