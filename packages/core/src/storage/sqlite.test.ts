import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { isTilthError } from "../errors.ts";
import { chat, describeStorage, expectWhole, newRow } from "./contract.ts";
import { openSqlite } from "./sqlite.ts";
import { startWriter } from "./sqlite-client.ts";
import { schemaVersion } from "./sqlite-database.ts";
import { failureOf, storageError } from "./sqlite-errors.ts";
import { fileSystemOf } from "./sqlite-place.ts";
import { createReaders } from "./sqlite-readers.ts";
import { lookupQueries } from "./sqlite-rows.ts";
import { encode } from "./sqlite-statements.ts";
import { exampleColumns } from "./tables.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-pool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let places = 0;
const newPlace = (): string => join(folder, `pool-${++places}.db`);
const options = { actor: "user:ana", atMs: 0, rulesVersion: "1" } as const;

describeStorage("SQLite", { newPlace, open: (path) => openSqlite(path) });

/** A pool that was opened and closed. */
async function madePool(): Promise<string> {
  const path = newPlace();
  await (await openSqlite(path)).close();
  return path;
}

function withDatabase(path: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path);
  try {
    work(database);
  } finally {
    database.close();
  }
}

describe("opening", () => {
  test("an empty file becomes a pool, and closing leaves nothing beside it", async () => {
    const path = newPlace();
    writeFileSync(path, "");
    await (await openSqlite(path)).close();
    withDatabase(path, (database) => expect(database.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: schemaVersion }));
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test.each([
    [
      "a text",
      (path: string) => writeFileSync(path, "no database at all, but long enough to have a header of its own".repeat(20)),
      "storage/not-a-pool",
    ],
    [
      "another program's database",
      (path: string) => withDatabase(path, (database) => database.exec("CREATE TABLE t (a)")),
      "storage/not-a-pool",
    ],
    ["a folder", (path: string) => mkdirSync(path), "storage/not-a-pool"],
  ])("refuses %s", async (_, make, code) => {
    const path = newPlace();
    make(path);
    await expect(openSqlite(path)).rejects.toMatchObject({ code, details: { path } });
  });

  test("refuses a place without a folder, and one whose folder is a file", async () => {
    await expect(openSqlite(join(folder, "nowhere", "pool.db"))).rejects.toMatchObject({ code: "storage/not-writable" });
    const path = await madePool();
    await expect(openSqlite(join(path, "pool.db"))).rejects.toMatchObject({ code: "storage/not-writable" });
  });

  test.skipIf(process.getuid?.() === 0)("refuses a file this user may not write (needs a user who is not root)", async () => {
    const path = newPlace();
    writeFileSync(path, "", { mode: 0o444 });
    await expect(openSqlite(path)).rejects.toMatchObject({ code: "storage/not-writable" });
  });

  test("refuses a pool of a newer program, and names both schemas", async () => {
    const path = await madePool();
    withDatabase(path, (database) => database.exec("PRAGMA user_version = 7"));
    await expect(openSqlite(path)).rejects.toMatchObject({ code: "storage/newer-schema", details: { found: 7, known: schemaVersion } });
  });

  test.each([
    [0x6969, { kind: "network", name: "NFS" }],
    [0xff534d42, { kind: "network", name: "CIFS" }],
    [0xff534d42 | 0, { kind: "network", name: "CIFS" }],
    [0x01021997, { kind: "network", name: "9p" }],
    [0x65735546, { kind: "fuse" }],
    [0xef53, { kind: "local" }],
  ])("knows the file system %d", (type, expected) => {
    expect(fileSystemOf(type)).toEqual(expected);
  });

  test("two that make one pool at once make one pool", async () => {
    const path = newPlace();
    const pools = await Promise.all([1, 2, 3, 4].map(() => openSqlite(path)));
    expect(new Set(pools.map((pool) => pool.id)).size).toBe(1);
    await Promise.all(pools.map((pool) => pool.close()));
  });
});

describe("the schema", () => {
  test("has the columns that rows are written by, in their order", async () => {
    withDatabase(await madePool(), (database) => {
      const columns = database
        .prepare("PRAGMA table_info(example)")
        .all()
        .map((column) => column["name"]);
      expect(columns).toEqual(["n", ...exampleColumns]);
    });
  });

  test("answers every lookup of a capture from an index, without statistics", async () => {
    withDatabase(await madePool(), (database) => {
      for (const [name, sql] of Object.entries(lookupQueries)) {
        const plan = database
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map((step) => String(step["detail"]));
        if (name !== "anyAlias")
          expect(
            plan.filter((detail) => detail.startsWith("SCAN") && !detail.startsWith("SCAN json_each")),
            name,
          ).toEqual([]);
        expect(plan.join(), name).not.toContain("ix_example_kind");
        expect(plan.join(), name).not.toContain("ix_example_source ");
      }
    });
  });
});

describe("failures", () => {
  test("a write that another process holds up says that it may be tried again", async () => {
    const path = await madePool();
    const storage = await openSqlite(path, { busyTimeoutMs: 50 });
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    const busy = { code: "storage/busy", kind: "storage", details: { retryable: true } };
    await expect(storage.capture([newRow(chat("q", "a"))], options)).rejects.toMatchObject(busy);
    await expect(storage.transaction(async () => "never")).rejects.toMatchObject(busy);
    holder.close();
    expect(await storage.capture([newRow(chat("q", "a"))], options)).toMatchObject([{ status: "accepted" }]);
    await storage.close();
  });

  test("a search that another process holds up answers with what is indexed, and says what is missing", async () => {
    const path = await madePool();
    const storage = await openSqlite(path, { busyTimeoutMs: 50 });
    await storage.capture([newRow(chat("a heron", "a"))], options);
    await storage.feedSearch(60_000);
    await storage.capture([newRow(chat("another heron", "a"))], options);
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    const held = await storage.search("heron", { limit: 5, budgetMs: 60_000 });
    expect([held.hits.length, held.pending]).toEqual([1, 1]);
    await expect(storage.feedSearch(0)).rejects.toMatchObject({ code: "storage/busy" });
    holder.close();
    expect(await storage.search("heron", { limit: 5, budgetMs: 60_000 })).toMatchObject({ hits: [{}, {}], pending: 0 });
    await storage.close();
  });

  test("a transaction waits for another process and then runs", async () => {
    const path = await madePool();
    const storage = await openSqlite(path, { busyTimeoutMs: 5_000 });
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    const done = storage.transaction(async () => "done");
    holder.exec("COMMIT");
    expect(await done).toBe("done");
    holder.close();
    await storage.close();
  });

  test("when the writer stops, every call that waits is refused, and so is every later one", async () => {
    const path = newPlace();
    const writer = await startWriter({ path, synchronous: "FULL", busyTimeoutMs: 100, idleMs: 1_000, openedAtMs: 0 });
    await writer.step({ kind: "begin" });
    const waiting = writer.send({ kind: "signals", signals: [] });
    const outcome = waiting.catch((error: unknown) => error);
    await writer.terminate();
    expect(await outcome).toMatchObject({ code: "storage/writer-stopped" });
    await expect(writer.send({ kind: "signals", signals: [] })).rejects.toMatchObject({ code: "storage/writer-stopped" });
  });

  test("a full disk has its own name", () => {
    withDatabase(":memory:", (database) => {
      database.exec("PRAGMA max_page_count = 4; CREATE TABLE t (a)");
      const fill = (): void => database.exec("INSERT INTO t SELECT randomblob(100000)");
      const error = caught(fill);
      expect(storageError("pool.db", failureOf(error))).toMatchObject({ code: "storage/full", kind: "storage" });
    });
  });

  test("a value that is no value is refused before it is sent", () => {
    expect(() => encode(undefined)).toThrow(TypeError);
    expect([encode(true), encode({ b: 1, a: [null] }), encode(null)]).toEqual([1, '{"a":[null],"b":1}', null]);
  });
});

describe("the search index", () => {
  test("holds no word of what lies in the trash or was deleted", async () => {
    const path = newPlace();
    const storage = await openSqlite(path);
    const rows = ["heron", "bittern", "crane"].map((bird) => newRow(chat(bird, "a")));
    const [first, second] = rows.map(({ row }) => row.id);
    await storage.capture(rows, options);
    const indexed = async (): Promise<unknown[]> => {
      await storage.feedSearch(60_000);
      let found: unknown[] = [];
      const query = "SELECT rowid FROM example_fts WHERE example_fts MATCH 'heron OR bittern OR crane' ORDER BY rowid";
      withDatabase(
        path,
        (database) =>
          (found = database
            .prepare(query)
            .all()
            .map((row) => row["rowid"])),
      );
      return found;
    };
    expect(await indexed()).toEqual([1, 2, 3]);
    await storage.change([{ id: first ?? "", set: { lifecycle: "trashed" } }], { ...options, op: "trash" });
    expect(await indexed()).toEqual([2, 3]);
    await storage.transaction((queries) =>
      queries
        .deleteFrom("example")
        .where("id", "=", second ?? "")
        .execute(),
    );
    expect(await indexed()).toEqual([3]);
    await storage.close();
  });
});

describe("memory", () => {
  test("a read inside a read has a connection of its own; those that were idle are closed but one", async () => {
    const readers = createReaders({ path: await madePool(), busyTimeoutMs: 100, idleMs: 20 });
    let atOnce = 0;
    const nested = async (left: number): Promise<unknown> =>
      readers.read(async ({ queries }) => {
        await queries.selectFrom("setting").selectAll().execute();
        atOnce = Math.max(atOnce, readers.connections());
        return left === 0 ? undefined : nested(left - 1);
      });
    await nested(5);
    expect(atOnce).toBe(6);
    await expect.poll(() => readers.connections()).toBe(1);
    await readers.close();
    expect(readers.connections()).toBe(0);
  });
});

const captureLoop = `
  import { openSqlite } from ${source("sqlite.ts")};
  import { exampleToRow } from ${source("../schema/row.ts")};
  import { identityOf } from ${source("../schema/identity.ts")};
  import { createUlids, systemClock, systemRandom } from ${source("../text/ulid.ts")};
  const [path, mode] = process.argv.slice(1);
  const newId = createUlids(systemClock, systemRandom);
  const storage = await openSqlite(path);
  const at = new Date(0).toISOString();
  const capture = async () => {
    const id = newId();
    const content = { kind: "text", text: id };
    const { contentHash, inputHash } = identityOf(content);
    const hex = (bytes) => Buffer.from(bytes).toString("hex");
    const row = exampleToRow({ ...content, id, rev: 1, source: "s", sourceKind: "manual", groupKey: id, domain: "general", tags: ["t"], weight: 1,
      quality: { tier: "gold", factors: {} }, reviewStatus: "pending", lifecycle: "active", includeInTraining: true, wasCorrected: false, validated: false,
      createdAt: at, updatedAt: at, createdBy: "me", contentHash: hex(contentHash), inputHash: hex(inputHash), metadata: {} });
    const [captured] = await storage.capture([{ row, tags: ["t"], findings: [], scores: [], sourceIdIsIdentity: false }], { actor: "me", atMs: 0, rulesVersion: "1" });
    process.stdout.write(captured.id + "\\n");
  };
  const many = () => Promise.all(Array.from({ length: 8 }, async () => { for (;;) await capture(); }));
  if (mode === "once") await capture();
  else if (mode === "bulk") await storage.bulk(many);
  else await many();
`;

function source(file: string): string {
  return JSON.stringify(new URL(file, import.meta.url).href);
}

/** Runs the loop in a process of its own until it has acknowledged so many, then kills it. Resolves with what it acknowledged. */
function captureUntilKilled(path: string, mode: "loop" | "bulk", atLeast: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", captureLoop, path, mode], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (piece: Buffer) => {
      said += piece.toString();
      if (said.split("\n").length > atLeast) child.kill("SIGKILL");
    });
    child.on("close", () => resolve(said.split("\n").slice(0, -1)));
  });
}

describe("kill -9", { timeout: 120_000 }, () => {
  test("whatever was acknowledged is there, once, and all that is counted holds", async () => {
    const path = newPlace();
    const acknowledged: string[] = [];
    for (const atLeast of [1, 40, 150, 333]) {
      const rounds = await Promise.all([captureUntilKilled(path, "loop", atLeast), captureUntilKilled(path, "loop", atLeast + 17)]);
      acknowledged.push(...rounds.flat());
    }
    expect(existsSync(`${path}-wal`)).toBe(true);
    const storage = await openSqlite(path);
    const stored = await storage.read(({ queries }) => queries.selectFrom("example").select("id").execute());
    expect(acknowledged.length).toBeGreaterThan(500);
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged.length);
    expect(new Set(acknowledged).difference(new Set(stored.map(({ id }) => id)))).toEqual(new Set());
    await expectWhole(storage);
    await storage.close();
    withDatabase(path, (database) => expect(database.prepare("PRAGMA integrity_check").all()).toMatchObject([{ integrity_check: "ok" }]));
  });

  test("a bulk load that was killed is finished by the next opening", async () => {
    const path = newPlace();
    const acknowledged = await captureUntilKilled(path, "bulk", 100);
    expect(existsSync(`${path}-bulk`)).toBe(true);
    const storage = await openSqlite(path);
    expect(existsSync(`${path}-bulk`)).toBe(false);
    const { logged, stored } = await storage.read(async ({ queries }) => ({
      logged: await queries.selectFrom("change_log").select("id").orderBy("seq").execute(),
      stored: await queries.selectFrom("example").select("id").orderBy("n").execute(),
    }));
    expect(logged).toEqual(stored);
    expect(new Set(acknowledged).difference(new Set(stored.map(({ id }) => id)))).toEqual(new Set());
    await expectWhole(storage);
    await storage.close();
    const objects = (file: string): unknown[] => {
      let names: unknown[] = [];
      withDatabase(file, (database) => (names = database.prepare("SELECT name FROM sqlite_master ORDER BY name").all()));
      return names;
    };
    expect(objects(path)).toEqual(objects(await madePool()));
  });

  test("damage is found at the opening after a kill", async () => {
    const path = newPlace();
    await captureUntilKilled(path, "loop", 300);
    withDatabase(path, (database) => database.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
    const crash =
      "new (await import('node:sqlite')).DatabaseSync(process.argv[1]).exec(\"INSERT INTO setting VALUES ('a', '1', 0)\"); process.kill(process.pid, 'SIGKILL')";
    await new Promise((resolve) => spawn(process.execPath, ["--input-type=module", "-e", crash, path]).on("close", resolve));
    const file = openSync(path, "r+");
    for (let page = 40; page < 60; page++) writeSync(file, Buffer.alloc(2_048, 0xee), 0, 2_048, page * 4_096);
    await expect(openSqlite(path)).rejects.toMatchObject({ code: "storage/damaged" });
  });

  test("while another process loads in bulk, a write is refused as busy, and opening leaves its load alone", async () => {
    const path = newPlace();
    const loader = await openSqlite(path);
    await loader.bulk(async () => {
      await loader.capture([newRow(chat("q", "a"))], options);
      const other = await openSqlite(path);
      await expect(other.capture([newRow(chat("q", "b"))], options)).rejects.toMatchObject({ code: "storage/busy" });
      await expect(other.bulk(async () => "never")).rejects.toMatchObject({ code: "storage/busy" });
      await other.close();
      expect(await loader.capture([newRow(chat("q", "c"))], options)).toMatchObject([{ conflict: true }]);
    });
    await expectWhole(loader);
    await loader.close();
  });

  test("a pool that nobody closes does not keep its process alive", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", captureLoop, newPlace(), "once"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
  });
});

function caught(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    expect(isTilthError(error)).toBe(false);
    return error;
  }
  throw new Error("it was to fail");
}
