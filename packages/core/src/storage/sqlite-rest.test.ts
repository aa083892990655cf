import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chat, newRow } from "./contract.ts";
import { lookAtRest, schemaVersion } from "./sqlite-database.ts";
import { openSqlite } from "./sqlite.ts";
import type { Storage } from "./storage.ts";

const options = { actor: "user:ana", atMs: 1_767_312_000_000, rulesVersion: "rules-1" };

let folder: string;
let path: string;
let id: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-rest-"));
  path = join(folder, "pool.db");
  const storage = await openSqlite(path);
  await storage.capture([newRow(chat("q", "a"))], options);
  id = storage.id;
  await storage.close();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Changes the file behind the pool's back. */
function meddle(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

const rowsOf = (storage: Storage): Promise<number> =>
  storage.read(async ({ queries }) => (await queries.selectFrom("example").select("n").execute()).length);

describe("a pool is at rest", () => {
  test("when it was closed", () => {
    expect(lookAtRest(path)).toEqual({ id, schemaVersion });
  });

  test.each([
    ["a newer program has written it", "PRAGMA user_version = 99"],
    ["an older program has written it", "PRAGMA user_version = 1"],
    ["it is of another program", "PRAGMA application_id = 7"],
    ["a load was not finished", `INSERT INTO setting (key, value, updated_at) VALUES ('bulk', '{"build":[]}', 0)`],
    ["it has no name yet", "DELETE FROM setting"],
    ["it is no pool", "DROP TABLE setting"],
  ])("but not when %s", (_, sql) => {
    meddle(sql);
    expect(lookAtRest(path)).toBeUndefined();
  });

  test("but not while it is missing, empty, or no database at all", async () => {
    expect(lookAtRest(join(folder, "missing.db"))).toBeUndefined();
    for (const content of ["", "this is a text"]) {
      await writeFile(path, content);
      expect(lookAtRest(path)).toBeUndefined();
    }
  });

  test("but not after a stop that left the log behind", async () => {
    const storage = await openSqlite(path);
    await storage.capture([newRow(chat("more", "a"))], options);
    for (const end of ["", "-wal"]) await copyFile(`${path}${end}`, join(folder, `copy.db${end}`));
    await storage.close();
    expect(lookAtRest(join(folder, "copy.db"))).toBeUndefined();
  });
});

test("what was only read is written as well, when it comes to that, also after the first try failed", async () => {
  const storage = await openSqlite(path, { busyTimeoutMs: 1 });
  try {
    expect(await rowsOf(storage)).toBe(1);
    meddle("PRAGMA user_version = 99");
    await expect(storage.capture([newRow(chat("early", "a"))], options)).rejects.toMatchObject({ code: "storage/newer-schema" });
    meddle(`PRAGMA user_version = ${schemaVersion}`);
    expect(await storage.capture([newRow(chat("late", "a"))], options)).toMatchObject([{ status: "accepted" }]);
    expect(await rowsOf(storage)).toBe(2);
  } finally {
    await storage.close();
  }
});

test("calls that come while the writer starts are all answered, in order", async () => {
  const storage = await openSqlite(path);
  const captured = await Promise.all(Array.from({ length: 20 }, (_, i) => storage.capture([newRow(chat(`question ${i}`, "a"))], options)));
  expect(captured.flat().map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => "accepted"));
  const texts = await storage.read(({ queries }) => queries.selectFrom("example").select("input_text").orderBy("n").execute());
  expect(texts.slice(1).map(({ input_text }) => input_text)).toEqual(Array.from({ length: 20 }, (_, i) => `question ${i}`));
  await storage.close();
});
