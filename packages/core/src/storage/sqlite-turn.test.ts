import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTurn } from "./sqlite-turn.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tilth-turn-"));
  path = join(folder, "pool.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE turns (count INTEGER); INSERT INTO turns VALUES (0)");
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes one transaction of some 20 ms after the other, without a pause, and counts them. */
const greedy = `
  import { DatabaseSync } from "node:sqlite";
  import { createTurn } from ${JSON.stringify(new URL("sqlite-turn.ts", import.meta.url).href)};
  const [path] = process.argv.slice(1);
  const database = new DatabaseSync(path);
  const turn = createTurn(database, { path, busyTimeoutMs: 10_000 });
  process.stdout.write("begun");
  for (;;) {
    turn.begin();
    database.exec("UPDATE turns SET count = count + 1");
    for (const untilMs = performance.now() + 20; performance.now() < untilMs; );
    database.exec("COMMIT");
    turn.end();
  }
`;

test("who waits has a turn between two of a process that writes without a pause", { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", greedy, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const database = new DatabaseSync(path);
  const turn = createTurn(database, { path, busyTimeoutMs: 10_000 });
  const count = (): number => Number(database.prepare("SELECT count FROM turns").get()?.["count"]);
  const passedBy: number[] = [];
  try {
    for (let i = 0; i < 25; i++) {
      const before = count();
      turn.begin();
      passedBy.push(count() - before);
      database.exec("COMMIT");
      turn.end();
      await pause(5);
    }
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
    database.close();
  }
  // The one that was under way; on a busy machine now and then one more.
  expect(passedBy.toSorted((a, b) => a - b)[12]).toBeLessThanOrEqual(2);
});

test("who waits longer than the timeout is refused, and word of it is kept; alone, nobody leaves any", () => {
  const [first, second] = [new DatabaseSync(path), new DatabaseSync(path)];
  const [mine, other] = [createTurn(first, { path, busyTimeoutMs: 20 }), createTurn(second, { path, busyTimeoutMs: 20 })];
  mine.begin();
  first.exec("COMMIT");
  mine.end();
  expect([mine.isContested(), existsSync(`${path}-waits`)]).toEqual([false, false]);
  mine.begin();
  expect(() => other.begin()).toThrow("locked");
  expect(other.isContested()).toBe(true);
  first.exec("COMMIT");
  mine.end();
  other.begin();
  second.exec("COMMIT");
  first.close();
  second.close();
});
