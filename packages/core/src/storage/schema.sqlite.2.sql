-- From schema 1 to 2: examples that repeat another one, and which. Nothing is deleted: a mark hides an example only from who asks for it.
CREATE TABLE duplicate (
  n INTEGER PRIMARY KEY REFERENCES example (n) ON DELETE CASCADE, -- the example that is dropped
  witness_n INTEGER NOT NULL REFERENCES example (n) ON DELETE CASCADE, -- the one that is kept in its place; never marked itself
  similarity REAL NOT NULL, shingle INTEGER, threshold REAL NOT NULL, -- shingle: words a shingle; NULL where whole texts were compared
  strategy TEXT NOT NULL, scope TEXT NOT NULL DEFAULT '', method TEXT NOT NULL, version TEXT NOT NULL, -- scope: a dataset's id, '' = the pool; version: of the kernels
  run_id TEXT NOT NULL, actor TEXT NOT NULL, found_at INTEGER NOT NULL,
  CHECK (n <> witness_n)
) STRICT;
CREATE INDEX ix_duplicate_witness ON duplicate (witness_n); -- a survivor's weight is 1 + its rows here
PRAGMA user_version = 2;
