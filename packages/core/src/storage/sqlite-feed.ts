import type { Tools } from "./sqlite-tools.ts";
import type { Fed } from "./storage.ts";

// The full-text index is fed late, from the change log: a trigger would halve the rate of captures. An index without contents
// (`content = ''`) needs no old text to replace a row.
//
// A trap for whoever erases: deleting a row leaves its words in the segments of the index until they are merged, also after
// `secure_delete`, a checkpoint and VACUUM; only `INSERT INTO example_fts (example_fts) VALUES ('optimize')` removes them. The erasing
// transaction deletes the row of the index as well: the log names a deleted example by an id that leads nowhere any more, so the feeder
// has to compare the whole index with the table, and until then a new example may have taken the number.

const READER = "fts";
const MOST_CHANGES = 5_000;
const STEP_CHANGES = 500;
/** Long texts end a batch early, so that captures do not wait for it. */
const BATCH_MS = 100;

const DELETED = 3;
/** ASCII text, which is most of it, never enters JavaScript. */
const apart = (column: string): string =>
  `CASE WHEN ${column} IS NULL OR octet_length(${column}) = length(${column}) THEN ${column} ELSE search_text(${column}) END`;
const turns = "CASE WHEN body IS NOT NULL THEN search_turns(body, input_text, output_text, rejected_output) END";
const changed = "SELECT id FROM change_log WHERE seq > ? AND seq <= ? AND op < 3";

/** In the order of `n`: the index writes out what it holds in memory whenever a row comes before its predecessor. */
const put = `INSERT OR REPLACE INTO example_fts (rowid, input_text, output_text, context, body)
  SELECT n, ${apart("input_text")}, ${apart("output_text")}, ${apart("context")},
    concat_ws(char(10), ${apart("rejected_output")}, ${turns}, ${apart("tags")})
  FROM example WHERE id IN (${changed}) AND +lifecycle <> 'trashed' ORDER BY n`;
const takeTrashed = `DELETE FROM example_fts WHERE rowid IN (SELECT n FROM example WHERE id IN (${changed}) AND +lifecycle = 'trashed')`;
const takeDeleted = "DELETE FROM example_fts WHERE rowid IN (SELECT rowid FROM example_fts EXCEPT SELECT n FROM example)";

/** Writes the next batch of changed examples to the index, together with how far it has come. */
export function feedBatch({ prepare }: Tools, atMs: number): Fed {
  const position = prepare("SELECT position FROM reader WHERE name = ?").get(READER)?.["position"];
  const last = Number(prepare("SELECT seq FROM sqlite_sequence WHERE name = 'change_log'").get()?.["seq"] ?? 0);
  const nextOf = prepare(`SELECT max(seq) AS seq FROM (SELECT seq FROM change_log WHERE seq > ? ORDER BY seq LIMIT ${STEP_CHANGES})`);
  const hasDeleted = prepare(`SELECT 1 FROM change_log WHERE seq > ? AND seq <= ? AND op = ${DELETED} LIMIT 1`);
  const first = Number(position ?? 0);
  const untilMs = performance.now() + BATCH_MS;
  let from = first;
  let examples = 0;
  while (from < last && from < first + MOST_CHANGES && performance.now() < untilMs) {
    const next = nextOf.get(from)?.["seq"];
    const to = typeof next === "number" ? next : last;
    examples += Number(prepare(put).run(from, to).changes);
    prepare(takeTrashed).run(from, to);
    if (hasDeleted.get(from, to) !== undefined) prepare(takeDeleted).run();
    from = to;
  }
  if (from > first) {
    const keep = prepare(
      "INSERT INTO reader (name, position, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at",
    );
    keep.run(READER, from, atMs);
  }
  return { examples, pending: last - from };
}
