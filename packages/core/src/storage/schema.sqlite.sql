-- Tilth pool, SQLite dialect (SQLite >= 3.43 for contentless_delete). One file per workspace. Opened only where PRAGMA user_version fits the program.
-- Times: integer milliseconds UTC; days: whole days since 1970-01-01 UTC. Booleans: 0/1, NULL = unknown. JSON: canonical text (RFC 8785).
-- content_hash, input_hash: first 16 bytes of SHA-256. A column `kind` is always the discriminator of a union.
CREATE TABLE example (
  n INTEGER PRIMARY KEY, -- stable row number: full-text rowid, keyset paging, joins
  id TEXT NOT NULL UNIQUE, -- ULID, Crockford base 32
  rev INTEGER NOT NULL DEFAULT 1, -- +1 per update; optimistic lock
  kind TEXT NOT NULL CHECK (kind IN ('chat', 'preference', 'rating', 'text', 'classification', 'extraction', 'steps')),
  review_status TEXT NOT NULL DEFAULT 'pending' CHECK (review_status IN ('pending', 'second-look', 'approved', 'rejected')),
  lifecycle TEXT NOT NULL DEFAULT 'active' CHECK (lifecycle IN ('active', 'archived', 'quarantined', 'trashed')),
  include_in_training INTEGER NOT NULL DEFAULT 1,
  duplicate_kept INTEGER NOT NULL DEFAULT 0, -- 1: kept on purpose although its content equals another example's
  source TEXT NOT NULL, -- the record's own word
  source_kind TEXT NOT NULL CHECK (source_kind IN ('conversation', 'correction', 'preference', 'escalation', 'rating', 'distillation', 'document', 'calculation', 'interpretation', 'detail', 'project', 'extraction', 'search', 'post', 'synthetic', 'manual', 'import')),
  source_id TEXT, parent_id TEXT, group_key TEXT NOT NULL, import_id TEXT, created_by TEXT NOT NULL, -- group_key: what must stay in one split
  type TEXT, topic TEXT, style TEXT, domain TEXT NOT NULL DEFAULT 'general', project TEXT, language TEXT,
  input_text TEXT NOT NULL DEFAULT '', output_text TEXT, system_prompt TEXT, context TEXT, rejected_output TEXT, preference_reason TEXT,
  body TEXT, -- JSON: the whole content, when the columns alone cannot rebuild it
  label INTEGER, -- rating: 1 good, 0 bad
  intent TEXT, sentiment TEXT, persona TEXT, categories TEXT, entities TEXT, -- JSON string[]; JSON [{"label","start","end","surface"}], code points
  confidence REAL, complexity INTEGER, weight REAL NOT NULL DEFAULT 1,
  quality_tier TEXT NOT NULL DEFAULT 'unverified', quality_score REAL, -- of the deciding score; written on entry, then by an explicit `tilth score` only
  relevance TEXT CHECK (relevance IN ('low', 'medium', 'high')), learning_value TEXT CHECK (learning_value IN ('low', 'medium', 'high', 'very-high')),
  feedback TEXT, verified_accurate INTEGER, was_corrected INTEGER NOT NULL DEFAULT 0, was_used INTEGER, modifications_made TEXT,
  validated INTEGER NOT NULL DEFAULT 0, correction_reason TEXT, corrector TEXT,
  tags TEXT NOT NULL DEFAULT '[]', features TEXT NOT NULL DEFAULT '{}', metadata TEXT NOT NULL DEFAULT '{}',
  content_hash BLOB NOT NULL, input_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX ux_example_content ON example (content_hash) WHERE duplicate_kept = 0;
-- From here to the next blank line: dropped and rebuilt around a bulk load into an empty pool.
CREATE INDEX ix_example_duplicate ON example (content_hash) WHERE duplicate_kept = 1;
CREATE INDEX ix_example_input ON example (input_hash);
CREATE INDEX ix_example_kind ON example (kind, n);
CREATE INDEX ix_example_source ON example (source, n);
CREATE INDEX ix_example_domain ON example (domain, n);
CREATE INDEX ix_example_review ON example (review_status, n);
CREATE INDEX ix_example_lifecycle ON example (lifecycle, n) WHERE lifecycle <> 'active';
CREATE INDEX ix_example_quality ON example (quality_score) WHERE quality_score IS NOT NULL;
CREATE INDEX ix_example_type ON example (type, n) WHERE type IS NOT NULL;
CREATE INDEX ix_example_project ON example (project, n) WHERE project IS NOT NULL;
CREATE INDEX ix_example_origin ON example (source_id, source) WHERE source_id IS NOT NULL;
CREATE INDEX ix_example_parent ON example (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX ix_example_group ON example (group_key) WHERE group_key <> id;

CREATE TABLE alias (id TEXT PRIMARY KEY, n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE) STRICT, WITHOUT ROWID; -- client-made id of a skipped duplicate -> the row that stayed
CREATE INDEX ix_alias_n ON alias (n);
CREATE TABLE example_tag (tag TEXT NOT NULL, n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE, PRIMARY KEY (tag, n)) STRICT, WITHOUT ROWID;
CREATE INDEX ix_example_tag_n ON example_tag (n);
-- One row per named score; never versioned unless a recipe asks. version = rule set and pack the score was computed with.
CREATE TABLE score (n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE, name TEXT NOT NULL, value REAL NOT NULL, tier TEXT, factors TEXT NOT NULL DEFAULT '{}', version TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (n, name)) STRICT, WITHOUT ROWID;
-- Changes on every use: never versioned, no change-log trigger.
CREATE TABLE example_stat (
  n INTEGER PRIMARY KEY REFERENCES example (n) ON DELETE CASCADE,
  use_count INTEGER NOT NULL DEFAULT 0, last_used_at INTEGER, runs_used INTEGER NOT NULL DEFAULT 0, last_run_id TEXT,
  impressions INTEGER NOT NULL DEFAULT 0, viewers INTEGER NOT NULL DEFAULT 0, likes INTEGER NOT NULL DEFAULT 0, reposts INTEGER NOT NULL DEFAULT 0,
  replies INTEGER NOT NULL DEFAULT 0, bookmarks INTEGER NOT NULL DEFAULT 0, shares INTEGER NOT NULL DEFAULT 0, dismissals INTEGER NOT NULL DEFAULT 0,
  engagement REAL, freshness REAL, freshness_at INTEGER, trend TEXT, cluster INTEGER, updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ix_stat_used ON example_stat (n) WHERE runs_used > 0;
CREATE INDEX ix_stat_cluster ON example_stat (cluster) WHERE cluster IS NOT NULL;

-- Kept by the writer inside the transaction that changes the row.
CREATE TABLE counter (facet TEXT NOT NULL, value TEXT NOT NULL, shard INTEGER NOT NULL DEFAULT 0, count INTEGER NOT NULL, PRIMARY KEY (facet, value, shard)) STRICT, WITHOUT ROWID; -- shard: 0 in SQLite
CREATE TABLE facet_value (facet TEXT NOT NULL, code INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (facet, code), UNIQUE (facet, value)) STRICT, WITHOUT ROWID; -- codes from 1; 0 = absent
CREATE TABLE facet ( -- small integers only, so that a count under a filter never reads the texts
  n INTEGER PRIMARY KEY REFERENCES example (n) ON DELETE CASCADE,
  kind INTEGER NOT NULL, source INTEGER NOT NULL, source_kind INTEGER NOT NULL, domain INTEGER NOT NULL, type INTEGER NOT NULL, topic INTEGER NOT NULL, project INTEGER NOT NULL, language INTEGER NOT NULL,
  quality_tier INTEGER NOT NULL, relevance INTEGER NOT NULL, review_status INTEGER NOT NULL, lifecycle INTEGER NOT NULL, severity INTEGER NOT NULL, score_bin INTEGER NOT NULL, day INTEGER NOT NULL -- score_bin: 0 none, 1..20; severity: worst finding, 0 none .. 3 error
) STRICT;

-- Append-only: ratings, corrections, engagement, uses, queries shown, exports. id is the idempotency key; the example may arrive later than its signal.
CREATE TABLE signal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, kind TEXT NOT NULL, action TEXT,
  example_id TEXT, item_id TEXT, trace_id TEXT, experiment_id TEXT, arm TEXT, actor TEXT, value REAL, payload TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX ix_signal_example ON signal (example_id, at) WHERE example_id IS NOT NULL;
CREATE INDEX ix_signal_kind ON signal (kind, at);
CREATE INDEX ix_signal_trace ON signal (trace_id) WHERE trace_id IS NOT NULL;
-- Previous values of the changed columns: history, undo, audit of edits. rev: the revision the change made; before: what stood there until then, hashes in hex.
CREATE TABLE revision (n INTEGER NOT NULL, rev INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, op TEXT NOT NULL, reason TEXT, before TEXT NOT NULL, PRIMARY KEY (n, rev)) STRICT, WITHOUT ROWID;

CREATE TABLE dataset ( -- id = slug of the name
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '', kind TEXT, tags TEXT NOT NULL DEFAULT '[]', recipe TEXT NOT NULL DEFAULT '{}',
  lifecycle TEXT NOT NULL DEFAULT 'active' CHECK (lifecycle IN ('active', 'archived', 'trashed')), created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE member (dataset_id TEXT NOT NULL REFERENCES dataset (id) ON DELETE CASCADE, n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE, added_by TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (dataset_id, n)) STRICT, WITHOUT ROWID;
CREATE INDEX ix_member_n ON member (n);

CREATE TABLE change_log (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, op INTEGER NOT NULL) STRICT; -- 1 insert, 2 update, 3 delete, 4 membership
CREATE TRIGGER example_ins AFTER INSERT ON example BEGIN INSERT INTO change_log (id, op) VALUES (new.id, 1); END;
CREATE TRIGGER example_upd AFTER UPDATE ON example BEGIN INSERT INTO change_log (id, op) VALUES (new.id, 2); END;
CREATE TRIGGER example_del AFTER DELETE ON example BEGIN INSERT INTO change_log (id, op) VALUES (old.id, 3); END;
CREATE TRIGGER member_ins AFTER INSERT ON member BEGIN INSERT INTO change_log (id, op) SELECT id, 4 FROM example WHERE n = new.n; END;
CREATE TRIGGER member_del AFTER DELETE ON member BEGIN INSERT INTO change_log (id, op) SELECT id, 4 FROM example WHERE n = old.n; END;
CREATE TABLE reader (name TEXT PRIMARY KEY, position INTEGER NOT NULL, at INTEGER NOT NULL) STRICT; -- cut, full-text, near-duplicate, ...
-- Rebuildable, fed in batches from change_log; the feeder sets characters of scripts without spaces apart. body = rejected answer, earlier turns, tags.
CREATE VIRTUAL TABLE example_fts USING fts5 (input_text, output_text, context, body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'");

CREATE TABLE finding (
  n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE, rule TEXT NOT NULL, ordinal INTEGER NOT NULL, severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
  message TEXT NOT NULL, at TEXT NOT NULL DEFAULT '', at_start INTEGER, at_end INTEGER, suggestion TEXT, version TEXT NOT NULL, found_at INTEGER NOT NULL, PRIMARY KEY (n, rule, ordinal) -- at: JSON pointer; offsets in code points, end exclusive
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_finding_rule ON finding (rule, severity);

-- review: what is to be looked at; review_slot: one row per wanted opinion, leased; decision: what was said, append-only.
CREATE TABLE review (n INTEGER PRIMARY KEY REFERENCES example (n) ON DELETE CASCADE, priority REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL, wanted INTEGER NOT NULL DEFAULT 1, adjudicate INTEGER NOT NULL DEFAULT 0, queued_at INTEGER NOT NULL) STRICT;
CREATE TABLE review_slot (
  n INTEGER NOT NULL REFERENCES review (n) ON DELETE CASCADE, slot INTEGER NOT NULL, priority REAL NOT NULL, -- copy of review.priority, so that a claim reads one index
  lease_by TEXT, lease_until INTEGER, lease_token INTEGER NOT NULL DEFAULT 0, decision_id TEXT, PRIMARY KEY (n, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX ix_slot_free ON review_slot (priority DESC, n, slot) WHERE lease_by IS NULL;
CREATE INDEX ix_slot_leased ON review_slot (lease_until) WHERE lease_by IS NOT NULL AND decision_id IS NULL;
CREATE UNIQUE INDEX ux_slot_reviewer ON review_slot (n, lease_by) WHERE lease_by IS NOT NULL; -- one person, one opinion
CREATE TABLE decision (
  id TEXT PRIMARY KEY, n INTEGER NOT NULL, rev INTEGER NOT NULL, slot INTEGER, reviewer TEXT NOT NULL, -- rev: the revision that was seen; slot NULL: bulk
  verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'edit', 'reject', 'skip', 'second-look')), role TEXT NOT NULL DEFAULT 'review' CHECK (role IN ('review', 'adjudication', 'calibration')),
  reason TEXT, edit TEXT, guideline TEXT, blind INTEGER NOT NULL DEFAULT 0, seconds REAL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX ix_decision_example ON decision (n, reviewer);
CREATE INDEX ix_decision_reviewer ON decision (reviewer, at);

CREATE TABLE subject (subject BLOB NOT NULL, n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE, PRIMARY KEY (subject, n)) STRICT, WITHOUT ROWID; -- keyed hash of a person's identifier
CREATE INDEX ix_subject_n ON subject (n);
CREATE TABLE erasure (id TEXT PRIMARY KEY, requested_at INTEGER NOT NULL, due_at INTEGER NOT NULL, mode TEXT NOT NULL, status TEXT NOT NULL, subjects TEXT NOT NULL, report TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE blocked (subject BLOB PRIMARY KEY, erasure_id TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE import (
  id TEXT PRIMARY KEY, uri TEXT NOT NULL, sha256 BLOB, format TEXT NOT NULL, map TEXT NOT NULL DEFAULT '{}', encoding TEXT, dataset_id TEXT, -- format: name of the row layout that was read; map: the resolved column map
  accepted INTEGER NOT NULL, updated INTEGER NOT NULL, duplicate INTEGER NOT NULL, rejected INTEGER NOT NULL, position INTEGER NOT NULL DEFAULT 0, actor TEXT NOT NULL, at INTEGER NOT NULL -- position: bytes done, to resume
) STRICT;
CREATE TABLE version (dataset_id TEXT NOT NULL, branch TEXT NOT NULL, seq INTEGER NOT NULL, revision INTEGER NOT NULL, label TEXT NOT NULL, manifest TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, quality REAL, actor TEXT NOT NULL, at INTEGER NOT NULL, message TEXT, PRIMARY KEY (dataset_id, branch, seq)) STRICT, WITHOUT ROWID; -- cache of refs and manifests
CREATE TABLE report (id TEXT PRIMARY KEY, kind TEXT NOT NULL, dataset_id TEXT, version TEXT, score REAL, payload TEXT NOT NULL, at INTEGER NOT NULL) STRICT; -- validation, quality, diversity, trend
CREATE TABLE metric (day INTEGER NOT NULL, name TEXT NOT NULL, dimension TEXT NOT NULL DEFAULT '', value REAL NOT NULL, PRIMARY KEY (name, dimension, day)) STRICT, WITHOUT ROWID; -- time series: freshness, capture rate, quality
CREATE TABLE run (id TEXT PRIMARY KEY, dataset_id TEXT, version TEXT, manifest TEXT, model TEXT, status TEXT NOT NULL, metrics TEXT NOT NULL DEFAULT '{}', at INTEGER NOT NULL) STRICT; -- training runs
CREATE TABLE experiment (id TEXT PRIMARY KEY, name TEXT NOT NULL, arms TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER, result TEXT) STRICT; -- A/B tests
CREATE TABLE job (id TEXT PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, parameters TEXT NOT NULL, progress TEXT NOT NULL DEFAULT '{}', lease_by TEXT, lease_until INTEGER, lease_token INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, error TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
CREATE INDEX ix_job_due ON job (status, due_at);
CREATE TABLE audit (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '{}', segment TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT; -- segment: one writer's run; hash chain within it
CREATE INDEX ix_audit_segment ON audit (segment, seq);
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
PRAGMA application_id = 1414288456; -- "TLTH": tells a pool from any other SQLite file
PRAGMA user_version = 1;
