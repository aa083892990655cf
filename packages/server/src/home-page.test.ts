import { createJob, endJob, claimJob, renewJob } from "@tilth/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { homePage } from "./home-page.ts";
import type { AccessServer, Got } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

let server: AccessServer;
beforeEach(async () => {
  server = await startAccessServer();
});
afterEach(() => server.end());

/** What a person reads, without the tags. */
const textOf = ({ text }: Pick<Got, "text">): string => text.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

async function signedIn(name: string, options: { readonly datasets?: readonly string[] } = {}): Promise<string> {
  await server.call("user.create", {
    name,
    role: "editor",
    password: "beans and barley 7",
    ...(options.datasets === undefined ? {} : { datasets: [...options.datasets] }),
  });
  return (await server.ask("/api/session", { method: "POST", body: { name, password: "beans and barley 7" } })).cookie;
}

describe("the first page", () => {
  test("shows who sits at this machine the workspace, and how to begin where it is empty", async () => {
    const home = await server.ask("/");
    expect([home.status, home.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(textOf(home)).toContain("os-user at this machine");
    expect(textOf(home)).toContain("tilth import conversations.jsonl --dataset support");
    expect(textOf(home)).toContain("No work in the background yet.");
  });

  test("leads to the sign-in where somebody has to, and back where only the link came from elsewhere", async () => {
    const cookie = await signedIn("ana");
    const stranger = await server.ask("/");
    expect([stranger.status, stranger.headers.location]).toEqual([302, "/sign-in"]);
    const fromElsewhere = await server.ask("/", { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" } });
    expect([fromElsewhere.status, fromElsewhere.headers["refresh"], fromElsewhere.text]).toEqual([200, "0; url=/", ""]);
    const known = await server.ask("/", { headers: { cookie } });
    expect(textOf(known)).toContain("ana is signed in");
    expect(known.text).toContain(`id="sign-out"`);
  });

  test("refuses a key that may not read", async () => {
    const { key } = await server.call("key.create", { name: "app", scopes: ["training_data:write"] });
    expect((await server.ask("/", { headers: { authorization: `Bearer ${key}` } })).status).toBe(403);
  });

  test("counts what is there, and shows whose reach ends at some datasets only these", async () => {
    await server.call("dataset.create", { name: "beans & <b>barley</b>", description: "of 2026" });
    await server.call("dataset.create", { name: "secret" });
    await server.call("example.add", {
      example: { kind: "text", text: "Beans are sown four centimetres deep." },
      dataset: "beans-b-barley-b",
    });
    const home = await server.ask("/");
    expect(home.text).toContain("beans &amp; &lt;b&gt;barley&lt;/b&gt;");
    expect(textOf(home)).toContain("Examples 1 Datasets 2");
    const limited = await server.ask("/", { headers: { cookie: await signedIn("bo", { datasets: ["secret"] }) } });
    expect(textOf(limited)).toContain("Examples in your datasets 0 Datasets 1");
    expect(limited.text).not.toContain("barley");
  });

  test("tells how far work in the background is, and what became of it", async () => {
    const storage = await server.workspace.storage();
    const nowMs = server.clock.nowMs();
    await createJob(storage, { id: "one", operation: "example.import", input: {}, actor: "key:ci", atMs: nowMs });
    const first = await claimJob(storage, { by: "test", leaseMs: 30_000, nowMs });
    if (first === undefined) throw new Error("the job waits");
    const progress = { step: "reading rows.jsonl", done: 1_200, total: 5_000, unit: "rows" } as const;
    await renewJob(storage, first, { nowMs, leaseMs: 30_000, progress });
    expect(textOf(await server.ask("/"))).toContain("running example.import key:ci just now reading rows.jsonl: 1,200 of 5,000 rows");
    await endJob(storage, first, { nowMs, outcome: { error: { code: "storage/full", message: "the disk is full", details: {} } } });
    server.clock.forward(7_200_000);
    const failed = await server.ask("/");
    expect(textOf(failed)).toContain("failed example.import key:ci 2 h ago storage/full");
    expect(failed.text).toContain(`href="/api/errors#storage/full"`);
  });
});

test("what does not work is said with its way out", () => {
  const html = homePage({
    caller: { actor: "user:ana", scopes: new Set(), via: "session" },
    name: "garden",
    datasets: [],
    jobs: [],
    nowMs: 0,
    health: {
      status: "degraded",
      directories_ok: true,
      timestamp: "2026-01-01T00:00:00.000Z",
      degraded: [{ part: "disk", reason: "80 MB are free", wayOut: "Make room." }],
      version: "0.1.0",
      examples: 0,
      search: { pending: 0 },
      capture: { lagMs: 0 },
      bytes: { pool: 999_999, wal: 0, poolFree: 80_000_000, storeFree: 80_000_000 },
    },
  });
  expect(textOf({ text: html })).toContain(
    "degraded pool 1.0 MB, 80 MB free What does not work, while the rest does disk : 80 MB are free Make room.",
  );
});
