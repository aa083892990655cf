// The limit that an import is held against: one thread that copies the ready rows of a filled pool, with all that hangs on them, into another
// pool. No mending, no redaction, no rule, no score, no look-up of duplicates; nothing waits for the disk (synchronous = NORMAL).
import { DatabaseSync } from "node:sqlite";

/** Tables whose rows hang on an example, in the order they are written. */
const HANGING = ["example_tag", "score", "finding", "member", "facet"] as const;
const GROUP_ROWS = 10_000;

export interface BareWriting {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * Copies the examples `from <= n < to` of one pool file into another that has the same schema; only the writing is measured.
 *
 * @param options.bulk - Indexes and triggers are dropped before and built after, as an import into an empty pool does.
 */
export function writeBare(
  source: string,
  target: string,
  options: { readonly from: number; readonly to: number; readonly bulk: boolean },
): BareWriting {
  const reader = new DatabaseSync(source, { readOnly: true });
  const writer = new DatabaseSync(target);
  try {
    writer.exec(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-131072; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON",
    );
    const clock = createStopwatch();
    const later = options.bulk ? clock.measure(() => dropLater(writer)) : [];
    const copies = ["example", ...HANGING].map((table) => copyOf(reader, writer, table));
    const count = writer.prepare(
      "INSERT INTO counter (facet, value, count) VALUES (?, ?, ?) ON CONFLICT (facet, value, shard) DO UPDATE SET count = count + excluded.count",
    );
    if (!options.bulk) copyCodes(reader, writer);
    let rows = 0;
    for (let n = options.from; n < options.to; n += GROUP_ROWS) {
      const groups = copies.map((copy) => ({ copy, found: copy.read(n, Math.min(options.to, n + GROUP_ROWS)) }));
      rows += groups[0]?.found.length ?? 0;
      clock.measure(() => {
        writer.exec("BEGIN IMMEDIATE");
        for (const { copy, found } of groups) for (const values of found) copy.write(values);
        // About as many counters as an import moves in a group.
        for (let counter = 0; counter < 40; counter++) count.run("bare", String(counter), GROUP_ROWS);
        writer.exec("COMMIT");
      });
    }
    if (options.bulk) clock.measure(() => buildLater(writer, later));
    if (options.bulk) copyCodes(reader, writer);
    return { rows, ...clock.total() };
  } finally {
    reader.close();
    writer.close();
  }
}

interface Copy {
  read(from: number, to: number): readonly (readonly (null | number | string | Uint8Array)[])[];
  write(values: readonly (null | number | string | Uint8Array)[]): void;
}

function copyOf(reader: DatabaseSync, writer: DatabaseSync, table: string): Copy {
  const columns = reader
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map((column) => String(column["name"]));
  const select = reader.prepare(`SELECT ${columns.join(", ")} FROM ${table} WHERE n >= ? AND n < ? ORDER BY n`);
  select.setReturnArrays(true);
  const insert = writer.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`);
  return {
    // oxlint-disable-next-line typescript/consistent-type-assertions -- setReturnArrays: rows are arrays of column values
    read: (from, to) => select.all(from, to) as unknown as (null | number | string | Uint8Array)[][],
    write: (values) => void insert.run(...values),
  };
}

/** Codes of the facets and the datasets, which rows point at. */
function copyCodes(reader: DatabaseSync, writer: DatabaseSync): void {
  for (const table of ["dataset", "facet_value"]) {
    const rows = reader.prepare(`SELECT * FROM ${table}`).all();
    for (const row of rows) {
      const names = Object.keys(row);
      writer
        .prepare(`INSERT OR IGNORE INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
        .run(...Object.values(row));
    }
  }
}

function dropLater(database: DatabaseSync): readonly string[] {
  const later = database
    .prepare(
      `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN ('example', 'example_tag', 'member', 'finding')
       AND (type = 'trigger' OR (type = 'index' AND name <> 'ux_example_content'))`,
    )
    .all();
  database.exec("PRAGMA foreign_keys=OFF");
  for (const { type, name } of later) database.exec(`DROP ${String(type)} ${String(name)}`);
  return later.map((one) => String(one["sql"]));
}

function buildLater(database: DatabaseSync, later: readonly string[]): void {
  database.exec("BEGIN IMMEDIATE; INSERT INTO change_log (id, op) SELECT id, 1 FROM example ORDER BY n");
  for (const sql of later) database.exec(sql);
  database.exec("COMMIT; PRAGMA foreign_keys=ON");
}

function createStopwatch(): { measure<T>(work: () => T): T; total(): { readonly seconds: number; readonly cpuSeconds: number } } {
  let seconds = 0;
  let cpuSeconds = 0;
  return {
    measure: (work) => {
      const startMs = performance.now();
      const start = process.threadCpuUsage();
      const result = work();
      const used = process.threadCpuUsage(start);
      seconds += (performance.now() - startMs) / 1_000;
      cpuSeconds += (used.user + used.system) / 1e6;
      return result;
    },
    total: () => ({ seconds, cpuSeconds }),
  };
}
