import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkspace, openWorkspace } from "@tilth/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { startServer } from "./serve.ts";
import { chats, jsonLines } from "./test-server.ts";

let folder: string;
const started: RunningServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-serve-"));
  await createWorkspace(folder, { packs: [] });
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startServer>[0]> = {}): Promise<RunningServer> {
  const server = await startServer({ folder, port: 0, toolVersion: "0.0.0", ...options });
  started.push(server);
  return server;
}

describe("a server", () => {
  test("answers at its address, and lets the one who started it in once", async () => {
    const server = await start();
    expect(await (await fetch(`${server.address}/ready`)).json()).toEqual({ ready: true });
    const link = new URL((await server.signInLink()) ?? "");
    expect([link.origin, link.pathname, link.hash.length > 20]).toEqual([server.address, "/sign-in", true]);
    const redeem = (): Promise<Response> =>
      fetch(`${server.address}/api/session/link`, {
        method: "POST",
        body: JSON.stringify({ token: link.hash.slice(1) }),
        headers: { "content-type": "application/json" },
      });
    expect([(await redeem()).status, (await redeem()).status]).toEqual([200, 401]);
  });

  test("listens for others only once there is a key", async () => {
    await expect(start({ host: "0.0.0.0" })).rejects.toMatchObject({
      code: "server/needs-keys",
      message: expect.stringContaining("0.0.0.0"),
    });
  });

  test("says why it cannot listen", async () => {
    const { address } = await start();
    await expect(start({ port: Number(new URL(address).port) })).rejects.toMatchObject({
      code: "server/cannot-listen",
      message: expect.stringContaining("another program"),
    });
    await expect(start({ folder: tmpdir() })).rejects.toMatchObject({ code: "workspace/not-found" });
  });

  test("keeps an entry for each request in the audit", async () => {
    const server = await start();
    await fetch(`${server.address}/api/training-data/stats`);
    await server.close();
    started.length = 0;
    const workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
    try {
      const rows = await (await workspace.storage()).read(({ queries }) => queries.selectFrom("audit").selectAll().execute());
      expect(rows.map(({ action }) => action)).toEqual(["pool.stats"]);
    } finally {
      await workspace.close();
    }
  });
});

describe("a server that is stopped", () => {
  /** An upload of which half has arrived. */
  async function halfUpload(server: RunningServer): Promise<{ finish(): Promise<unknown>; readonly broken: Promise<string> }> {
    const rows = jsonLines(chats(2_000));
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const broken = Promise.withResolvers<string>();
    const outgoing = request(`${server.address}/api/training-data/import?dataset=late`, { method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    outgoing.on("error", () => broken.resolve("broken"));
    outgoing.on("response", () => broken.resolve("answered"));
    outgoing.write(rows.slice(0, rows.length / 2));
    await expect
      .poll(async () => (await fetch(`${server.address}/metrics`)).text(), { timeout: 20_000 })
      .toContain("tilth_requests_in_flight 1");
    return {
      finish: () => {
        outgoing.end(rows.slice(rows.length / 2));
        return promise;
      },
      broken: broken.promise,
    };
  }

  test("lets an upload end that is under way, and takes nothing new", async () => {
    const server = await start();
    const upload = await halfUpload(server);
    const closed = server.close();
    started.length = 0;
    await expect
      .poll(() =>
        fetch(`${server.address}/ready`).then(
          ({ status }) => status,
          () => "refused",
        ),
      )
      .not.toBe(200);
    expect(await upload.finish()).toMatchObject({ accepted: 2_000 });
    await closed;
  });

  test("stops what takes too long; what was stored stays, and the same upload goes on from there", async () => {
    const server = await start({ limits: { drainMs: 300 } });
    const upload = await halfUpload(server);
    await server.close();
    started.length = 0;
    expect(["broken", "answered"]).toContain(await upload.broken);
    const again = await start();
    const response = await fetch(`${again.address}/api/training-data/import?dataset=late`, {
      method: "POST",
      body: jsonLines(chats(2_000)),
    });
    const report = (await response.json()) as { accepted: number; duplicate: number };
    expect(report.accepted + report.duplicate).toBe(2_000);
  });
});
