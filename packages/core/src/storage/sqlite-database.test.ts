import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { chat, expectWhole, newRow } from "./contract.ts";
import { openSqlite } from "./sqlite.ts";
import { schemaVersion } from "./sqlite-database.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-migrate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const options = { actor: "user:ana", atMs: 0, rulesVersion: "1" } as const;

test("a pool of the first schema is brought up to date, and keeps what it holds", async () => {
  const [path, filled] = [join(folder, "old.db"), join(folder, "filled.db")];
  const row = newRow(chat("q", "a"), { tags: ["t"] });
  const before = await openSqlite(filled);
  await before.capture([row], options);
  await before.close();
  const first = readFileSync(new URL("schema.sqlite.sql", import.meta.url), "utf8");
  const database = new DatabaseSync(path);
  database.exec(first);
  database.exec(`ATTACH '${filled}' AS filled`);
  for (const table of ["example", "example_tag", "counter", "facet_value", "facet", "setting"])
    database.exec(`INSERT INTO ${table} SELECT * FROM filled.${table}`);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  database.close();

  const storage = await openSqlite(path);
  expect([storage.schemaVersion, storage.id]).toEqual([schemaVersion, before.id]);
  const copy = newRow(chat("Q", "A!"));
  await storage.capture([copy], options);
  const how = { ...options, runId: "run-1", strategy: "content", threshold: 1, method: "text-key", version: "1" } as const;
  const mark = { id: copy.row.id, witnessId: row.row.id, similarity: 1, rule: "exact-duplicate" } as const;
  expect(await storage.markDuplicates([mark], how)).toEqual({ marked: 1, replaced: 0, skipped: [] });
  await storage.addAudit([{ atMs: 0, actor: "user:ana", action: "example.list", object: "", detail: {} }]);
  await expectWhole(storage);
  await storage.close();
  const migrated = new DatabaseSync(path, { readOnly: true });
  expect(migrated.prepare("PRAGMA user_version").get()).toEqual({ user_version: schemaVersion });
  migrated.close();
});

test("a pool of the third schema keeps its examples, keys and settings, and gets a table of jobs that can be used", async () => {
  const path = join(folder, "third.db");
  const row = newRow(chat("q", "a"));
  const before = await openSqlite(path);
  await before.capture([row], options);
  await before.close();
  const database = new DatabaseSync(path);
  const third = readFileSync(new URL("schema.sqlite.sql", import.meta.url), "utf8");
  database.exec("DROP TABLE job");
  const fifth = readFileSync(new URL("schema.sqlite.5.sql", import.meta.url), "utf8");
  for (const [, kind = "", name = ""] of [...fifth.matchAll(/^CREATE (TABLE|TRIGGER|INDEX) (\w+)/gm)].toReversed())
    database.exec(`DROP ${kind} ${name}`);
  for (const [statement] of third.matchAll(/^CREATE (?:TABLE job |INDEX ix_job_due ).*$/gm)) database.exec(statement);
  database.exec(`PRAGMA user_version = 3; INSERT INTO setting VALUES ('mine', '1', 0);
    INSERT INTO job (id, kind, status, parameters, due_at, created_at, updated_at) VALUES ('j', 'import', 'waiting', '{}', 0, 0, 0)`);
  database.close();

  const storage = await openSqlite(path);
  expect([storage.schemaVersion, storage.id]).toEqual([schemaVersion, before.id]);
  const stored = await storage.read(async ({ queries }) => ({
    examples: await queries.selectFrom("example").select("id").execute(),
    setting: await queries.selectFrom("setting").select("value").where("key", "=", "mine").execute(),
    jobs: await queries.selectFrom("job").select(["id", "lease_token"]).execute(),
  }));
  expect(stored).toEqual({ examples: [{ id: row.row.id }], setting: [{ value: "1" }], jobs: [] });
  await storage.close();
});

test("every step of the schema ends where the next begins, and the program knows the last", () => {
  const database = new DatabaseSync(":memory:");
  const reached = ["schema.sqlite.sql", "schema.sqlite.2.sql", "schema.sqlite.3.sql", "schema.sqlite.4.sql", "schema.sqlite.5.sql"].map(
    (file) => {
      database.exec(readFileSync(new URL(file, import.meta.url), "utf8"));
      return database.prepare("PRAGMA user_version").get()?.["user_version"];
    },
  );
  expect(reached).toEqual([1, 2, 3, 4, schemaVersion]);
  database.close();
});
