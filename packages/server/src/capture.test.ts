import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { listBytes: 200_000 } });
});
afterAll(() => server.end());

let counted = 0;
const events = (count: number): readonly object[] =>
  Array.from({ length: count }, () => ({
    kind: "example",
    example: { kind: "text", id: server.workspace.newId(), text: `Bed number ${++counted} is sown.` },
  }));

function capture(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
  return server.fetch("/capture", { method: "POST", body, headers: { "content-type": "application/x-ndjson", ...headers } });
}

test("events come as a JSON array, as JSON Lines, packed or not, and as an object as every operation takes it", async () => {
  const json = { "content-type": "application/json" };
  const answers = [
    await capture(JSON.stringify(events(2)), json),
    await capture(JSON.stringify({ events: events(2) }), json),
    await capture(jsonLines(events(2))),
    await capture(`\n${jsonLines(events(1))}\r\n${jsonLines(events(1)).trim()}`),
    await capture(new Uint8Array(gzipSync(jsonLines(events(2)))), { "content-encoding": "gzip" }),
    await capture(new Uint8Array(gzipSync(JSON.stringify(events(2)))), { ...json, "content-encoding": "gzip" }),
  ];
  for (const answer of answers) expect([answer.status, await answer.json()]).toEqual([200, { accepted: 2, duplicate: 0, rejected: [] }]);
});

test("a line that is no JSON is told by its place, and costs no other", async () => {
  const [first, second] = events(2).map((event) => JSON.stringify(event));
  const answer = await capture([first, `{"kind":"signal", ana@example.org`, `{"__proto__": {}}`, second].join("\n"));
  expect(await answer.json()).toEqual({
    accepted: 2,
    duplicate: 0,
    rejected: [1, 2].map((index) => ({ index, code: "input/invalid", message: "it is no JSON object" })),
  });
});

test("too many bytes, too many events and other kinds of bodies are refused whole", async () => {
  const codes = [
    await capture(jsonLines(events(2_000))),
    await capture(new Uint8Array(gzipSync(jsonLines(events(2_000)))), { "content-encoding": "gzip" }),
    await capture("{}\n".repeat(1_001)),
    await capture("a,b", { "content-type": "text/csv" }),
    await capture(JSON.stringify("events"), { "content-type": "application/json" }),
  ].map(async (answer) => [answer.status, ((await answer.json()) as { code: string }).code]);
  expect(await Promise.all(codes)).toEqual([
    [413, "request/too-large"],
    [413, "request/too-large"],
    [413, "capture/too-large"],
    [415, "request/media-type"],
    [422, "request/body"],
  ]);
});

test("who may only read captures nothing, and who reaches some datasets captures into these", async () => {
  await server.call("dataset.create", { name: "Beds" });
  const { key } = await server.call("key.create", { name: "reader", role: "viewer" });
  const limited = await server.call("key.create", { name: "app", role: "editor", datasets: ["beds"] });
  const admin = await server.call("key.create", { name: "admin", role: "admin" });
  expect((await capture(jsonLines(events(1)), { authorization: `Bearer ${key}` })).status).toBe(403);
  const answer = await capture(jsonLines([...events(1), ...events(1).map((event) => ({ ...event, dataset: "beds" }))]), {
    authorization: `Bearer ${limited.key}`,
  });
  expect(await answer.json()).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: "auth/dataset-forbidden" }] });
  expect(server.answered).toContainEqual(expect.objectContaining({ operation: "event.capture", status: 200 }));

  // While another process writes, the answer waits for the spool alone; the figures tell.
  const busy = new DatabaseSync(server.workspace.paths.pool, { timeout: 5_000 });
  busy.exec("BEGIN IMMEDIATE");
  const authorization = `Bearer ${admin.key}`;
  const many = await Promise.all(Array.from({ length: 10 }, () => capture(jsonLines(events(100)), { authorization })));
  expect(await Promise.all(many.map((one) => one.json()))).toEqual(many.map(() => ({ accepted: 100, duplicate: 0, rejected: [] })));
  const figures = async (): Promise<string> => (await fetch(`${server.origin}/metrics`, { headers: { authorization } })).text();
  expect(await figures()).toMatch(/tilth_captured_events_total\{outcome="spooled"\} [1-9]/);
  expect(await figures()).toMatch(/tilth_capture_waiting_events [1-9]/);
  busy.exec("ROLLBACK");
  busy.close();
  await expect.poll(figures, { timeout: 15_000 }).toMatch(/tilth_capture_waiting_events 0/);
});
