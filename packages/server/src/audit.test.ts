import { afterEach, expect, test } from "vitest";
import type { AccessServer } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

let server: AccessServer;
afterEach(() => server.end());

const datasets = "/api/training-data/datasets";

async function actions(): Promise<readonly string[]> {
  await server.audit.settle();
  return (await server.call("audit.list", { limit: 1_000 })).entries.map(({ action }) => action).toReversed();
}

/** A write, a read, an export, a read that is refused, a look at the metrics and one who is unknown, in this order. */
async function work(config?: string): Promise<void> {
  server = await startAccessServer(config === undefined ? {} : { config });
  await server.ask(datasets, { method: "POST", body: { name: "Garden" } });
  const { key } = await server.call("key.create", { name: "ci", scopes: ["training_data:review"] });
  const viewer = await server.call("key.create", { name: "viewer" });
  await server.ask("/api/training-data/examples?where=kind%20%3D%20chat", { headers: { authorization: `Bearer ${viewer.key}` } });
  await server.ask(`${datasets}/garden/export`, { headers: { authorization: `Bearer ${viewer.key}` } });
  await server.ask(datasets, { headers: { authorization: `Bearer ${key}` } });
  await server.ask("/metrics", { headers: { authorization: `Bearer ${viewer.key}` } });
  await server.ask(datasets);
}

test("one entry a request: who, what, to what, how, with filter and count; none for who is unknown", async () => {
  await work();
  await server.audit.settle();
  const { entries } = await server.call("audit.list", {});
  expect(entries.toReversed()).toMatchObject([
    { actor: "user:os-user", action: "dataset.create", detail: { status: 200, via: "loopback", segments: {} } },
    { actor: "key:viewer", action: "example.list", detail: { status: 200, via: "key", filter: "kind = chat", count: 0 } },
    { actor: "key:viewer", action: "dataset.export", object: "garden" },
    { actor: "key:ci", action: "dataset.list", detail: { status: 403 } },
    { actor: "key:viewer", action: "server.metrics" },
  ]);
  expect(entries).toHaveLength(5);
  expect(await server.call("audit.verify", {})).toEqual({ entries: 5, segments: 1, problems: [] });
});

test("with `audit.reads: exports` reads leave no entry, exports do", async () => {
  await work("audit:\n  reads: exports");
  expect(await actions()).toEqual(["dataset.create", "dataset.export", "dataset.list"]);
});

test("with `audit.reads: off` changes and what was refused still do", async () => {
  await work("audit:\n  reads: off");
  expect(await actions()).toEqual(["dataset.create", "dataset.list"]);
});

test("many requests at once are one chain, and a forged entry is found", async () => {
  server = await startAccessServer();
  await Promise.all(Array.from({ length: 200 }, () => server.ask(datasets)));
  await server.audit.settle();
  expect(await server.call("audit.verify", {})).toMatchObject({ entries: 200, segments: 1, problems: [] });
  server.meddle("UPDATE audit SET actor = 'user:eve' WHERE seq = 77");
  expect((await server.call("audit.verify", {})).problems).toMatchObject([{ seq: 77 }]);
});

test("an entry waits for a pool that another process fills, and is told where it cannot be kept", async () => {
  server = await startAccessServer();
  await server.call("dataset.create", { name: "Garden" });
  server.meddle("INSERT INTO setting (key, value, updated_at) VALUES ('bulk', '{\"build\":[]}', 0)");
  const recorded = server.audit.record({
    operation: "dataset.create",
    status: 200,
    caller: { actor: "user:ana", scopes: new Set(), via: "key" },
  });
  server.meddle("DELETE FROM setting WHERE key = 'bulk'");
  await recorded;
  expect([await actions(), server.audit.lost()]).toEqual([["dataset.create"], 0]);

  server.meddle("ALTER TABLE audit RENAME TO gone");
  await server.audit.record({
    operation: "dataset.delete",
    object: "garden",
    status: 200,
    caller: { actor: "user:ana", scopes: new Set(), via: "key" },
  });
  expect(server.audit.lost()).toBe(1);
  expect(server.log()).toContain('"action":"dataset.delete"');
  server.meddle("ALTER TABLE gone RENAME TO audit");
});

test("a change is answered when its entry is durable, also one of a session; what was refused does not wait", async () => {
  server = await startAccessServer();
  await server.ask(datasets, { method: "POST", body: { name: "Garden" } });
  const stored = async (): Promise<readonly (readonly [string, string, unknown])[]> =>
    (await server.call("audit.list", {})).entries.map(({ action, object, detail }) => [action, object, detail["status"]] as const);
  expect(await stored()).toEqual([["dataset.create", "Garden", 200]]);
  server.meddle("INSERT INTO setting (key, value, updated_at) VALUES ('bulk', '{\"build\":[]}', 0)");
  expect((await server.ask(`${datasets}/nobody`, { method: "DELETE" })).status).toBe(404);
  server.meddle("DELETE FROM setting WHERE key = 'bulk'");
});

test("an entry names users, runs and names, and of a key no more than its beginning", async () => {
  server = await startAccessServer();
  const { key, prefix } = await server.call("key.create", { name: "admin", role: "admin" });
  const headers = { authorization: `Bearer ${key}` };
  const post = (path: string, body: object): Promise<unknown> =>
    server.ask(`/api/training-data/${path}`, { method: "POST", headers, body });
  await post("users", { name: "ana", role: "viewer", password: "four words in a row" });
  await post("examples/dedupe", {});
  await post("duplicates/undo", { run: "01NOBODY" });
  await post("examples/trash", { where: "kind = chat", dryRun: true });
  await server.ask(`/api/training-data/keys/${key}`, { method: "DELETE", headers });
  await server.audit.settle();
  const { entries } = await server.call("audit.list", {});
  expect(entries.toReversed()).toMatchObject([
    { action: "user.create", object: "ana" },
    { action: "example.dedupe", detail: { run: expect.any(String) } },
    { action: "duplicate.undo", object: "01NOBODY" },
    { action: "example.trash", detail: { filter: "kind = chat", dryRun: true } },
    { action: "key.revoke", object: prefix },
  ]);
  expect(JSON.stringify(entries)).not.toContain("four words");
  expect(JSON.stringify(entries)).not.toContain(key);
});
