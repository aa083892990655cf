-- From schema 3 to 4: work in the background. The table stood empty until now: nothing made a job.
DROP TABLE job;
CREATE TABLE job (
  id TEXT PRIMARY KEY, operation TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  input TEXT NOT NULL, actor TEXT NOT NULL, datasets TEXT, -- JSON object; JSON string[], NULL = all
  body TEXT, -- JSON {"path","name","isOwned"}: the spooled bytes that the operation reads
  progress TEXT, remarks TEXT NOT NULL DEFAULT '[]', result TEXT, error TEXT, -- JSON, keys as they came; error: also of an attempt after which another one is due
  attempts INTEGER NOT NULL DEFAULT 0, is_cancelling INTEGER NOT NULL DEFAULT 0,
  lease_by TEXT, lease_until INTEGER, lease_token INTEGER NOT NULL DEFAULT 0, -- token: +1 a claim; whoever holds an older one has lost the job
  due_at INTEGER NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, updated_at INTEGER NOT NULL -- started_at: of the first attempt
) STRICT;
CREATE INDEX ix_job_due ON job (status, due_at);
CREATE INDEX ix_job_created ON job (created_at, id);
PRAGMA user_version = 4;
