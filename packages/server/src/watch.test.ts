import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.fetch("/datasets/import?name=garden", { method: "POST", body: jsonLines(chats(12)) });
});
afterAll(() => server.end());

describe("/health and /ready", () => {
  test("say what document 2 says, and more", async () => {
    const response = await fetch(`${server.origin}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "healthy",
      directories_ok: true,
      timestamp: expect.any(String),
      version: "0.0.0",
      degraded: [],
    });
    expect(await (await fetch(`${server.origin}/ready`)).json()).toEqual({ ready: true });
  });

  test("say what is wrong, to everybody and however busy the server is, while the rest goes on", async () => {
    const broken = await startTestServer({ limits: { inFlight: 0 } });
    try {
      await broken.call("key.create", { name: "somebody", role: "viewer" });
      expect((await broken.fetch("/stats")).status).toBe(503);
      expect(await (await fetch(`${broken.origin}/health`)).json()).toMatchObject({ status: "healthy" });
    } finally {
      await broken.end();
    }
  });

  test("a pool that cannot be read is told, and requests are not asked for", async () => {
    const broken = await startTestServer();
    try {
      await writeFile(broken.workspace.paths.pool, "no pool");
      expect(await (await fetch(`${broken.origin}/health`)).json()).toMatchObject({ status: "degraded", degraded: [{ part: "pool" }] });
      const ready = await fetch(`${broken.origin}/ready`);
      expect([ready.status, ready.headers.get("retry-after")]).toEqual([503, "10"]);
    } finally {
      await broken.end();
    }
  });
});

describe("/metrics", () => {
  const read = async (): Promise<string> => (await fetch(`${server.origin}/metrics`)).text();

  test("have document 2's names and types", async () => {
    await server.send("POST", "/datasets/garden/validate", {});
    await server.send("POST", "/datasets/garden/enhance", {});
    await server.fetch("/datasets/garden/export?format=csv");
    const text = await read();
    const wanted = {
      training_datasets_total: "counter",
      training_dataset_size: "histogram",
      training_dataset_quality: "histogram",
      validation_duration_seconds: "histogram",
      enhancement_duration_seconds: "histogram",
      format_conversion_duration_seconds: "histogram",
      validation_errors_total: "counter",
      enhancement_failures_total: "counter",
    };
    for (const [name, type] of Object.entries(wanted)) expect(text).toContain(`# TYPE ${name} ${type}`);
    expect(text).toContain("training_datasets_total 1");
    expect(text).toMatch(/training_dataset_size_count\{dataset_id="garden"\} 2/);
    expect(text).toMatch(/training_dataset_quality_count\{dataset_id="garden"\} 1/);
    for (const name of ["validation", "enhancement", "format_conversion"]) expect(text).toContain(`${name}_duration_seconds_count 1`);
  });

  test("count requests by route, not by what was looked for", async () => {
    await server.fetch("/examples/search?query=secret-word");
    const text = await read();
    expect(text).toMatch(
      /tilth_request_duration_seconds_count\{method="GET",route="\/api\/training-data\/examples\/search",status="200"\} 1/,
    );
    expect(text).not.toContain("secret-word");
    for (const name of [
      "tilth_capture_lag_seconds",
      "tilth_queue_depth",
      "tilth_event_loop_delay_p99_seconds",
      "tilth_pool_wal_bytes",
      "tilth_store_free_bytes",
    ])
      expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
    expect(text).toMatch(/^tilth_pool_examples 12$/m);
    expect(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(1_000_000);
  });
});

describe("a log", () => {
  test("has a line for each answer with its id, and never what was asked or sent", async () => {
    const lines: string[] = [];
    const logged = await startTestServer({ logger: { level: "info", stream: { write: (line: string) => lines.push(line) } } });
    try {
      const { key } = await logged.call("key.create", { name: "admin", role: "admin" });
      const headers = { authorization: `Bearer ${key}`, "x-request-id": "trace-7" };
      await logged.fetch("/examples/search?query=secret-word", { headers });
      await logged.fetch("/import", { method: "POST", body: "secret-body", headers });
      await expect.poll(() => lines.filter((line) => line.includes("answered"))).toHaveLength(2);
      expect(JSON.parse(lines.find((line) => line.includes("search")) ?? "")).toMatchObject({
        reqId: "trace-7",
        method: "GET",
        route: "/api/training-data/examples/search",
        status: 200,
      });
      expect(lines.join("")).not.toMatch(new RegExp(`secret|${key}`));
    } finally {
      await logged.end();
    }
  });
});

describe("live changes", () => {
  /** Reads events until so many of one kind have come. */
  async function events(
    response: Response,
    kind: string,
    count: number,
  ): Promise<readonly { readonly id: string; readonly data: Record<string, unknown> }[]> {
    const found: { id: string; data: Record<string, unknown> }[] = [];
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines = new Map(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        text = text.slice(end + 2);
        if (lines.get("event") === kind) found.push({ id: lines.get("id") ?? "", data: JSON.parse(lines.get("data") ?? "{}") });
      }
      if (found.length >= count) break;
    }
    return found;
  }

  const listen = (path: string, headers: Record<string, string> = {}): Promise<Response> => server.fetch(path, { headers });

  test("come as they happen, in order", async () => {
    const response = await listen("/events");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const { id } = ((await (await server.fetch("/examples?limit=1")).json()) as { examples: { id: string }[] }).examples[0] ?? { id: "" };
    await server.send("PATCH", `/examples/${id}`, { set: { topic: "live" } });
    await server.send("PATCH", `/examples/${id}`, { set: { topic: "alive" } });
    const seen = await events(response, "change", 2);
    expect(seen.map(({ data }) => [data["id"], data["change"]])).toEqual([
      [id, "changed"],
      [id, "changed"],
    ]);
    expect(Number(seen[1]?.id)).toBeGreaterThan(Number(seen[0]?.id));
  });

  test("go on where a reader left, and tell of one dataset alone", async () => {
    const first = await events(await listen("/events?after=0"), "change", 3);
    const rest = await events(await listen("/events", { "last-event-id": first[1]?.id ?? "" }), "change", 1);
    expect(rest[0]).toEqual(first[2]);
    await server.send("POST", "/datasets", { name: "Empty" });
    const none = await listen("/events?dataset=empty&after=0");
    expect(none.status).toBe(200);
    await none.body?.cancel();
  });

  test("are refused where a request makes no sense, and above the number of readers", async () => {
    expect((await listen("/events?dataset=nobody")).status).toBe(404);
    expect((await listen("/events?colour=red")).status).toBe(400);
    const few = await startTestServer({ limits: { eventClients: 1 } });
    try {
      const one = await few.fetch("/events");
      expect((await few.fetch("/events")).status).toBe(503);
      await one.body?.cancel();
      await expect
        .poll(async () => {
          const again = await few.fetch("/events");
          await again.body?.cancel();
          return again.status;
        })
        .toBe(200);
    } finally {
      await few.end();
    }
  });

  test("end when the server does, also those that nobody reads", async () => {
    const stopping = await startTestServer();
    const response = await stopping.fetch("/events");
    const unread = await stopping.fetch("/events?after=0");
    expect(unread.status).toBe(200);
    const all = Array.fromAsync(response.body ?? []);
    await stopping.end();
    expect((await all).length).toBeGreaterThan(0);
  });
});
