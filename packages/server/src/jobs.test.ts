import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventsOf } from "./test-events.ts";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { pauseMs: 1_000 } });
  await server.fetch("/datasets/import?name=garden", { method: "POST", body: jsonLines(chats(12)) });
});
afterAll(() => server.end());

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
const jsonOf = async (response: Response): Promise<any> => response.json();

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  server.fetch(path, { method: "POST", body, headers });

const bodies = (): Promise<readonly string[]> => readdir(join(server.workspace.paths.data, "uploads", "bodies")).catch(() => []);

async function endOf(id: string): Promise<Record<string, unknown>> {
  let job: Record<string, unknown> = {};
  await expect
    .poll(async () => (job = await jsonOf(await server.fetch(`/jobs/${id}`)))["status"], { timeout: 20_000 })
    .toMatch(/^(?:done|failed|cancelled)$/);
  return job;
}

describe("a heavy operation", () => {
  test("is a job, and is answered as if it were none", async () => {
    const report = await jsonOf(await post("/import?dataset=plain", jsonLines(chats(3, 100))));
    expect(report).toMatchObject({ accepted: 3, read: 3 });
    const { jobs } = await jsonOf(await server.fetch("/jobs?limit=1"));
    expect(jobs).toMatchObject([{ operation: "example.import", status: "done", actor: "user:test", attempts: 1, result: { accepted: 3 } }]);
    expect(server.answered.at(-2)).toMatchObject({ operation: "example.import", object: "plain", count: 3, job: jobs[0].id, status: 200 });
    expect(await bodies()).toEqual([]);
  });

  test("is answered at once with its job where somebody prefers that", async () => {
    const response = await post("/import?dataset=later", jsonLines(chats(4, 200)), { prefer: "respond-async" });
    const job = await jsonOf(response);
    expect([response.status, response.headers.get("preference-applied")]).toEqual([202, "respond-async"]);
    expect(response.headers.get("location")).toBe(`/api/training-data/jobs/${job.id}`);
    expect(job).toMatchObject({ operation: "example.import", remarks: [], attempts: expect.any(Number) });
    expect(await endOf(job.id)).toMatchObject({ status: "done", result: { accepted: 4 } });
  });

  test("is answered when it is done, or with its job once the time is over that somebody wants to wait", async () => {
    const soon = await post("/import", jsonLines(chats(2, 300)), { prefer: "wait=60" });
    expect([soon.status, (await jsonOf(soon)).accepted]).toEqual([200, 2]);
    const late = await post("/import", jsonLines(chats(2, 310)), { prefer: "handling=strict, wait=0" });
    expect([late.status, late.headers.get("preference-applied")]).toEqual([202, "wait=0"]);
    await endOf((await jsonOf(late)).id);
    const unknown = await post("/import", jsonLines(chats(2, 320)), { prefer: "wait=forever, respond_async" });
    expect(unknown.status).toBe(200);
  });

  test("that fails is answered with its failure, which its job keeps", async () => {
    const response = await server.send("POST", "/datasets/garden/versions", { where: "==" });
    expect([response.status, (await jsonOf(response)).code]).toEqual([400, "filter/syntax"]);
    const { jobs } = await jsonOf(await server.fetch("/jobs?limit=1"));
    expect(jobs).toMatchObject([
      { status: "failed", operation: "version.create", error: { code: "filter/syntax", message: expect.any(String) } },
    ]);
  });

  test("shows nobody far away where things lie on this machine", async () => {
    await server.fetch("/datasets/garden/export?format=csv");
    const list = await (await server.fetch("/jobs?limit=1")).text();
    const { jobs } = JSON.parse(list);
    expect(jobs[0].result.folder).toMatch(/^\/api\/training-data\/exports\/http-/);
    const one = await (await server.fetch(`/jobs/${jobs[0].id}`)).text();
    expect(`${list}${one}`).not.toContain(server.folder);
  });
});

describe("the body of a job", () => {
  test("is a finished upload, which stays what it is for its sender", async () => {
    const bytes = jsonLines(chats(5, 400));
    const begun = await server.fetch("/uploads", { method: "POST" });
    const place = begun.headers.get("location")?.replace("/api/training-data", "") ?? "";
    const add = (offset: number, body: string): Promise<Response> =>
      server.fetch(place, { method: "PATCH", body, headers: { "upload-offset": String(offset) } });
    await add(0, bytes);
    const upload = place.split("/").at(-1) ?? "";
    const tried = await server.fetch(`/import?dryRun=true&upload=${upload}`, { method: "POST" });
    expect(await jsonOf(tried)).toMatchObject({ accepted: 5 });
    expect(await bodies()).toEqual([]);
    // What was read once is whole.
    expect((await add(bytes.length, "{}\n")).status).toBe(413);
    const done = await server.fetch(`/import?upload=${upload}`, { method: "POST" });
    expect(await jsonOf(done)).toMatchObject({ accepted: 5 });
    expect((await server.fetch(place, { method: "DELETE" })).status).toBe(204);
  });

  test("that is refused on its way leaves nothing, neither a file nor a job", async () => {
    const newest = async (): Promise<string> => (await jsonOf(await server.fetch("/jobs?limit=1"))).jobs[0].id;
    const before = await newest();
    const packed = gzipSync(jsonLines(chats(50, 500)));
    const bomb = gzipSync(Buffer.alloc(50_000_000, "\n"));
    const headers = { "content-encoding": "gzip" };
    for (const body of [packed.subarray(0, 200), bomb]) {
      const response = await server.fetch("/import", { method: "POST", body, headers });
      expect([response.status, (await jsonOf(response)).code]).toEqual([422, "input/damaged"]);
    }
    const slow = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(`${server.origin}/api/training-data/import`, { method: "POST", headers: { "content-length": 1_000 } });
      outgoing.on("response", (response) => resolve(response.statusCode));
      outgoing.on("error", reject);
      outgoing.write("{");
    });
    expect(slow).toBe(408);
    await new Promise<void>((resolve) => {
      const outgoing = request(`${server.origin}/api/training-data/import`, { method: "POST", headers: { "content-length": 1_000 } });
      outgoing.on("error", () => undefined);
      outgoing.on("close", () => resolve());
      outgoing.write("{", () => setTimeout(() => outgoing.destroy(), 50));
    });
    await expect.poll(() => server.app.load.inFlight()).toBe(0);
    await expect.poll(bodies).toEqual([]);
    expect(await newest()).toBe(before);
  });

  test("has a largest size", async () => {
    const small = await startTestServer({ limits: { uploadBytes: 1_000 } });
    try {
      const body = new Blob([jsonLines(chats(20))]).stream();
      expect((await small.fetch("/import", { method: "POST", body, duplex: "half" })).status).toBe(413);
      expect(await readdir(join(small.workspace.paths.data, "uploads", "bodies")).catch(() => [])).toEqual([]);
    } finally {
      await small.end();
    }
  });
});

describe("an Idempotency-Key", () => {
  test("names one job, whether its sender waits or not", async () => {
    const ask = (headers: Record<string, string>, from = 600): Promise<Response> =>
      post("/import?dataset=keyed", jsonLines(chats(6, from)), { "idempotency-key": "job-key", ...headers });
    const first = await ask({ prefer: "respond-async" });
    const again = await ask({ prefer: "respond-async" });
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    const waited = await ask({});
    expect([waited.status, await jsonOf(waited)]).toEqual([200, expect.objectContaining({ accepted: 6 })]);
    expect(waited.headers.get("idempotency-replayed")).toBe("true");
    expect([(await ask({}, 700)).status, (await ask({})).status]).toEqual([422, 200]);
    const { jobs } = await jsonOf(await server.fetch("/jobs?limit=2&operation=example.import"));
    expect(jobs.filter(({ result }: { result: { dataset?: string } }) => JSON.stringify(result).includes("keyed"))).toHaveLength(1);
  });
});

describe("events", () => {
  test("of a job tell how it goes on and end with it; of one that has ended, its end alone", async () => {
    const job = await jsonOf(await post("/import", jsonLines(chats(3_000, 10_000)), { prefer: "respond-async" }));
    const heard = await Array.fromAsync(eventsOf(await server.fetch(`/jobs/${job.id}/events`)));
    expect(heard.at(-1)).toMatchObject({ event: "end", data: { id: job.id, status: "done", result: { accepted: 3_000 } } });
    expect(heard.slice(0, -1).every(({ event }) => event === "progress")).toBe(true);
    const after = await Array.fromAsync(eventsOf(await server.fetch(`/jobs/${job.id}/events`)));
    expect(after.map(({ event, data }) => [event, data.status])).toEqual([["end", "done"]]);
  });

  test("of all jobs tell of each, with what a person should know", async () => {
    const listening = await server.fetch("/jobs/events");
    await server.fetch("/datasets/garden/export?format=trl-preference&version=pool");
    const kinds = new Set<string>();
    for await (const { event, data } of eventsOf(listening)) {
      kinds.add(event);
      if (event === "end" && data.operation === "dataset.export") break;
    }
    expect([...kinds].toSorted()).toEqual(["end", "progress", "remark"]);
  });

  test("are told of nobody else's jobs to who reaches some datasets only", async () => {
    const guarded = await startTestServer();
    try {
      await guarded.call("dataset.create", { name: "own" });
      const { key: admin } = await guarded.call("key.create", { name: "admin", role: "admin" });
      const { key: limited } = await guarded.call("key.create", { name: "limited", role: "editor", datasets: ["own"] });
      const by = (key: string): { readonly headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${key}` } });
      const listening = await guarded.fetch("/jobs/events", by(limited));
      const send = async (key: string): Promise<string> =>
        (
          await jsonOf(
            await guarded.fetch("/import?dataset=own", {
              method: "POST",
              body: jsonLines(chats(2)),
              headers: { ...by(key).headers, prefer: "respond-async" },
            }),
          )
        ).id;
      const others = await send(admin);
      expect((await guarded.fetch(`/jobs/${others}/events`, by(limited))).status).toBe(404);
      const own = await send(limited);
      for await (const { event, data } of eventsOf(listening)) {
        expect(data.id).toBe(own);
        if (event === "end") break;
      }
      expect((await guarded.fetch(`/jobs/${own}/events`, by(admin))).status).toBe(200);
    } finally {
      await guarded.end();
    }
  });

  test("are refused where there is no such job, or something is asked in the address", async () => {
    expect((await server.fetch("/jobs/nobody/events")).status).toBe(404);
    expect((await server.fetch("/jobs/events?status=done")).status).toBe(400);
  });
});

describe("jobs", () => {
  test("are counted", async () => {
    const text = await (await fetch(`${server.origin}/metrics`)).text();
    expect(text).toMatch(/^tilth_queue_depth \d/m);
    expect(text).toMatch(/^tilth_jobs_running \d/m);
    expect(text).toMatch(/tilth_job_duration_seconds_count\{operation="example.import",status="done"\} [1-9]/);
    expect(text).toMatch(/tilth_job_duration_seconds_count\{operation="version.create",status="failed"\} 1/);
  });

  test("of a server that another one works beside are seen and waited for", async () => {
    const { createApp } = await import("./app.ts");
    const { registerAccess } = await import("./access.ts");
    const { workspace } = server;
    // It begins no job itself: whoever asks it waits for what the other one does.
    const idle = await createApp({
      workspace,
      access: (fastify) => registerAccess(fastify, { workspace, localUser: "test" }),
      limits: { loopDelayMs: Infinity, jobs: 0 },
    });
    try {
      const origin = await idle.fastify.listen({ host: "127.0.0.1", port: 0 });
      const job = await jsonOf(
        await fetch(`${origin}/api/training-data/import`, {
          method: "POST",
          body: jsonLines(chats(3, 800)),
          headers: { prefer: "respond-async" },
        }),
      );
      const heard = await Array.fromAsync(eventsOf(await fetch(`${origin}/api/training-data/jobs/${job.id}/events`)));
      expect(heard.at(-1)).toMatchObject({ event: "end", data: { status: "done" } });
      const waited = await fetch(`${origin}/api/training-data/import`, { method: "POST", body: jsonLines(chats(3, 810)) });
      expect(await jsonOf(waited)).toMatchObject({ accepted: 3 });
    } finally {
      idle.stop();
      await idle.fastify.close();
    }
  });
});
