import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

interface Made {
  readonly folder: string;
  readonly files: readonly (string | { readonly name: string })[];
}

let server: TestServer;
let whole: string;
let limited: string;
let rejected: string;
beforeAll(async () => {
  server = await startTestServer();
  for (const [from, name] of ["beans", "peas"].entries())
    await server.fetch(`/datasets/import?name=${name}`, { method: "POST", body: jsonLines(chats(5, from * 5)) });
  const report = await server.fetch("/import", { method: "POST", body: `${jsonLines(chats(1, 90))}{"kind":"text","text":" "}\n` });
  rejected = ((await report.json()) as { rejectedFile: string }).rejectedFile.replace("/api/training-data", "");
  whole = (await server.call("key.create", { name: "whole", role: "admin" })).key;
  limited = (await server.call("key.create", { name: "limited", role: "viewer", datasets: ["beans"] })).key;
});
afterAll(() => server.end());

const get = (path: string, key: string, headers: Record<string, string> = {}): Promise<Response> =>
  server.fetch(path, { headers: { authorization: `Bearer ${key}`, ...headers } });

async function made(path: string, init: RequestInit = {}): Promise<string> {
  const response = await server.fetch(path, { ...init, headers: { authorization: `Bearer ${whole}`, "content-type": "application/json" } });
  const { folder, files } = (await response.json()) as Made;
  const [file = ""] = files;
  return `${folder.replace("/api/training-data", "")}/${typeof file === "string" ? file : file.name}`;
}

const besides = (path: string, hidden: string): string => path.replace(/[^/]+$/, hidden);

describe("a caller that reaches some datasets", () => {
  test("fetches what their own exports and checkouts wrote, hidden files too, and nobody else's", async () => {
    for (const [dataset, status] of [
      ["beans", 200],
      ["peas", 403],
    ] as const) {
      const exported = await made(`/datasets/${dataset}/export?format=tilth&split=false`);
      const checkout = await made("/checkout", { method: "POST", body: JSON.stringify({ version: dataset }) });
      const name = exported.split("/").at(-1);
      for (const path of [exported, besides(exported, ".tilth-receipt.json"), besides(exported, `.tilth-ids/${name}.ids`), checkout]) {
        expect([path, (await get(path, limited)).status]).toEqual([path, status]);
        expect((await get(path, whole)).status).toBe(200);
      }
    }
  });

  test("fetches no list of refused rows, of which nobody knows whose they are", async () => {
    expect((await get(rejected, limited)).status).toBe(403);
    expect(await (await get(rejected, whole)).text()).toContain('"line":2');
  });
});

test("of an import there are its report and the rows it refused, and nothing else of the disk", async () => {
  expect((await get(besides(rejected, "report.json"), whole)).status).toBe(200);
  for (const path of [besides(rejected, "..%2F..%2Fpool.db"), besides(rejected, "%2Fetc%2Fpasswd"), "/imports/..%2Fkeys/subject.key"])
    expect([path, (await get(path, whole)).status]).toEqual([path, 404]);
});

test("tells the SHA-256 of a file to who asks for it", async () => {
  const path = await made("/checkout", { method: "POST", body: JSON.stringify({ version: "beans" }) });
  const response = await get(path, whole, { "want-repr-digest": "sha-256=10" });
  const digest = createHash("sha256")
    .update(Buffer.from(await response.arrayBuffer()))
    .digest("base64");
  expect(response.headers.get("repr-digest")).toBe(`sha-256=:${digest}:`);
  expect((await get(path, whole)).headers.get("repr-digest")).toBeNull();
});
