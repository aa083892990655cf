import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findOrCreateDataset } from "../dataset/datasets.ts";
import { openSqlite } from "../storage/sqlite.ts";
import type { Storage } from "../storage/storage.ts";
import type { Workspace } from "../workspace.ts";
import { createWorkspace, openWorkspace } from "../workspace.ts";
import type { CaptureRoom, CaptureRoomOptions } from "./capture-room.ts";
import { openCaptureRoom } from "./capture-room.ts";
import { framesOf, readSegment } from "./spool-frames.ts";

let folder: string;
let workspace: Workspace;
let spool: string;
const rooms: CaptureRoom[] = [];
const storages: Storage[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tilth-capture-"));
  await createWorkspace(folder, { packs: [] });
  workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
  spool = workspace.paths.spool;
  await workspace.storage();
});
afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close({ deadlineMs: 0 });
  for (const storage of storages.splice(0)) await storage.close();
  await workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The room of another process on the same workspace, but for the process: a writer thread of its own, that gives up soon. */
async function openRoom(options: Partial<CaptureRoomOptions> = {}): Promise<CaptureRoom> {
  const storage = await openSqlite(workspace.paths.pool, { busyTimeoutMs: 50 });
  storages.push(storage);
  const room = await openCaptureRoom({
    storage,
    door: await workspace.door(),
    redactor: workspace.redactor,
    pack: workspace.packs.pack,
    newId: () => workspace.newId(),
    clock: workspace.clock,
    folder: spool,
    datasetOf: async (name, actor) => (await findOrCreateDataset(storage, { name, actor, clock: workspace.clock })).id,
    failed: () => undefined,
    ...options,
  });
  rooms.push(room);
  return room;
}

interface Event {
  readonly kind: "example";
  readonly example: { readonly kind: "text"; readonly id: string; readonly text: string };
  readonly dataset?: string;
}

function post(text: string): Event {
  return { kind: "example", example: { kind: "text", id: workspace.newId(), text } };
}

const posts = (count: number, word = "bean"): readonly Event[] =>
  Array.from({ length: count }, (_, i) => post(`${word} number ${i} is up`));

/** Another process that is writing: nobody else gets the pool. */
function occupy(): { end(): void } {
  const database = new DatabaseSync(workspace.paths.pool, { timeout: 5_000 });
  database.exec("BEGIN IMMEDIATE");
  return {
    end() {
      database.exec("ROLLBACK");
      database.close();
    },
  };
}

async function textsInPool(): Promise<readonly (string | null)[]> {
  const storage = await workspace.storage();
  const rows = await storage.read(({ queries }) => queries.selectFrom("example").select("input_text").orderBy("n").execute());
  return rows.map((row) => row.input_text);
}

const segments = (): readonly string[] => readdirSync(spool).filter((name) => name.endsWith(".spool"));
const caller = { actor: "key:app" };

describe("while the pool takes nothing", () => {
  test("events are kept in the spool, redacted, and come into the pool in order when it can", async () => {
    const room = await openRoom();
    const busy = occupy();
    const said = [
      post("write to ana@example.org"),
      { kind: "signal", signal: { id: "s1", kind: "feedback", at: "2026-03-01T08:00:00Z" } },
      ...posts(3),
    ];
    expect(await room.take(said, caller)).toEqual({ accepted: 5, duplicate: 0, rejected: [] });
    expect(room.figures()).toMatchObject({ accepted: 5, spooled: 5, waiting: 5 });
    const [segment = ""] = segments();
    const bytes = readFileSync(join(spool, segment));
    expect(bytes.includes("ana@example.org")).toBe(false);
    expect(readSegment(bytes).payloads.map((payload) => JSON.parse(Buffer.from(payload).toString()) as unknown)).toMatchObject([
      { kind: "example", actor: "key:app", example: { kind: "text", source: "capture" } },
      { kind: "signal", actor: "key:app", signal: { id: "s1" } },
      ...said.slice(2),
    ]);
    expect(await room.take([said[2], post("a late one")], caller)).toEqual({ accepted: 1, duplicate: 1, rejected: [] });
    busy.end();
    await room.drained();
    expect(await textsInPool()).toEqual([
      "write to [REDACTED_EMAIL]",
      "bean number 0 is up",
      "bean number 1 is up",
      "bean number 2 is up",
      "a late one",
    ]);
    await expect.poll(segments).toEqual([]);
    expect(room.figures()).toMatchObject({ waiting: 0, waitingBytes: 0, lagMs: 0, lost: 0 });
  });

  test("what the pool has is known, also there", async () => {
    const room = await openRoom();
    const [first, second] = posts(2);
    await room.take([first], caller);
    const busy = occupy();
    expect(await room.take([first, second], caller)).toMatchObject({ accepted: 1, duplicate: 1 });
    expect(await room.take([first, second], caller)).toMatchObject({ accepted: 0, duplicate: 2 });
    busy.end();
  });

  test("as much waits as there is room for, and one sender does not take the room of all", async () => {
    const room = await openRoom({ limits: { spoolEvents: 100 } });
    const busy = occupy();
    await room.take(posts(70, "first"), caller);
    await expect(room.take(posts(10, "second"), caller)).rejects.toMatchObject({ code: "capture/too-many" });
    await room.take(posts(25, "third"), { actor: "key:other" });
    await expect(room.take(posts(10, "fourth"), { actor: "key:other" })).rejects.toMatchObject({
      code: "request/overloaded",
      details: { seconds: expect.any(Number) },
    });
    busy.end();
    await room.drained();
    expect(await textsInPool()).toHaveLength(95);
  });

  test("a room that is closed leaves what waits, and the next one brings it in", async () => {
    const first = await openRoom();
    const busy = occupy();
    const inDataset = { ...post("one for the garden"), dataset: "garden" };
    await first.take([...posts(2)], caller);
    await first.close({ deadlineMs: 0 });
    expect(segments()).toHaveLength(1);
    busy.end();
    const second = await openRoom();
    expect(await second.left).toEqual({ segments: 1, events: 2, bad: 0 });
    expect(await second.take([inDataset], caller)).toMatchObject({ accepted: 1 });
    expect(await textsInPool()).toEqual(["bean number 0 is up", "bean number 1 is up", "one for the garden"]);
    expect(segments()).toEqual([]);
  });
});

describe("a spool that a crash left", () => {
  const at = { actor: "key:dead", atMs: 1_700_000_000_000 };
  const frameOf = (value: unknown): Buffer => framesOf([JSON.stringify(value)]);

  test("is drained: a torn tail is cut, what is damaged is kept apart, and what the pool has changes nothing", async () => {
    const [known, lost, ...rest] = posts(4);
    const before = await openRoom();
    await before.take([known], caller);
    await before.close();
    const broken = frameOf({ ...lost, ...at });
    broken[20] = (broken[20] ?? 0) ^ 1;
    const noEvent = frameOf({ kind: "poem" });
    const good = [{ ...known, ...at }, ...rest.map((event) => ({ ...event, ...at, dataset: "garden" }))].map(frameOf);
    const torn = frameOf(post("never acknowledged")).subarray(0, 40);
    const name = workspace.newId();
    writeFileSync(join(spool, `${name}.spool`), Buffer.concat([...good.slice(0, 2), broken, noEvent, ...good.slice(2), torn]));
    const room = await openRoom();
    expect(await room.left).toEqual({ segments: 1, events: 4, bad: 2 });
    expect(await textsInPool()).toEqual(["bean number 0 is up", "bean number 2 is up", "bean number 3 is up"]);
    expect(readFileSync(join(spool, `${name}.bad`))).toEqual(Buffer.concat([broken, noEvent]));
    expect(segments()).toEqual([]);
    const storage = await workspace.storage();
    const by = await storage.read(({ queries }) => queries.selectFrom("example").select("created_by").orderBy("n").execute());
    expect(by.map((row) => row.created_by)).toEqual(["key:app", "key:dead", "key:dead"]);
    expect(
      (await storage.read(({ queries }) => queries.selectFrom("member").select("dataset_id").execute())).map((row) => row.dataset_id),
    ).toEqual(["garden", "garden"]);
  });

  test("is taken in as it was acknowledged: the same row comes of it a second time", async () => {
    const event = {
      kind: "example",
      example: {
        kind: "chat",
        id: workspace.newId(),
        messages: [
          { role: "user", content: "I am ana@example.org, call +1 415 555 0134\u0000" },
          { role: "assistant", content: "Thank you, Ana." },
        ],
        sourceId: "ana@example.org",
        subjectId: "ana@example.org",
        metadata: { from: "192.168.0.1" },
      },
    };
    const room = await openRoom();
    await room.take([event], caller);
    const rowNow = async (): Promise<unknown> => {
      const storage = await workspace.storage();
      const rows = await storage.read(({ queries }) => queries.selectFrom("example").selectAll().execute());
      const subjects = await storage.read(({ queries }) => queries.selectFrom("subject").select("subject").execute());
      return [rows.map(({ n: _n, updated_at: _at, ...row }) => row), subjects];
    };
    const direct = await rowNow();
    const database = new DatabaseSync(workspace.paths.pool);
    database.exec(
      "DELETE FROM subject; DELETE FROM example_tag; DELETE FROM facet; DELETE FROM finding; DELETE FROM score; DELETE FROM example",
    );
    database.close();
    const busy = occupy();
    await room.take([event], caller);
    await room.close({ deadlineMs: 0 });
    busy.end();
    const second = await openRoom();
    expect(await second.left).toMatchObject({ events: 1, bad: 0 });
    const [[before], [after]] = [direct, await rowNow()] as [[[{ created_at: number }]], [[{ created_at: number }]]];
    expect({ ...after[0], created_at: 0 }).toEqual({ ...before[0], created_at: 0 });
  });
});

test("one process has the spool: another one waits for the pool itself, and has it once the first is gone", async () => {
  const first = await openRoom();
  const second = await openRoom();
  const busy = occupy();
  await expect(second.take(posts(1), caller)).rejects.toMatchObject({ code: "storage/busy" });
  expect(await first.take(posts(1), caller)).toMatchObject({ accepted: 1 });
  await first.close({ deadlineMs: 0 });
  await expect
    .poll(
      () =>
        second.take(posts(1, "pea"), caller).then(
          ({ accepted }) => accepted,
          () => 0,
        ),
      { timeout: 5_000, interval: 200 },
    )
    .toBe(1);
  busy.end();
  await second.drained();
  expect([...(await textsInPool())].toSorted()).toEqual(["bean number 0 is up", "pea number 0 is up"]);
  expect(existsSync(spool)).toBe(true);
});
