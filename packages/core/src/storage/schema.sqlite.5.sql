-- From schema 4 to 5: what a server is asked all the time costs the same however large the pool is.
CREATE TABLE member_count (dataset_id TEXT PRIMARY KEY REFERENCES dataset (id) ON DELETE CASCADE, members INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO member_count SELECT dataset_id, count(*) FROM member GROUP BY dataset_id;
-- A bulk load keeps these two, so that the count stands meanwhile. A dataset that is deleted takes its count along, before or after its members.
CREATE TRIGGER member_count_ins AFTER INSERT ON member BEGIN INSERT INTO member_count VALUES (new.dataset_id, 1) ON CONFLICT (dataset_id) DO UPDATE SET members = members + 1; END;
CREATE TRIGGER member_count_del AFTER DELETE ON member BEGIN UPDATE member_count SET members = members - 1 WHERE dataset_id = old.dataset_id; END;

-- Values that few examples may have, however many there are, and that no index of `example` finds.
CREATE INDEX ix_facet_tier ON facet (quality_tier);
CREATE INDEX ix_facet_severity ON facet (severity) WHERE severity > 0;
CREATE INDEX ix_facet_relevance ON facet (relevance) WHERE relevance > 0;
CREATE INDEX ix_facet_topic ON facet (topic) WHERE topic > 0;
CREATE INDEX ix_facet_language ON facet (language) WHERE language > 0;
CREATE INDEX ix_facet_source_kind ON facet (source_kind);
PRAGMA user_version = 5;
