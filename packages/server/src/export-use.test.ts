import { afterAll, beforeAll, expect, test } from "vitest";
import type { AccessServer } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

let server: AccessServer;
const keys = new Map<string, string>();
const path = "/api/training-data/datasets/garden/export?version=pool&markUsed=july";

beforeAll(async () => {
  server = await startAccessServer({ config: "audit:\n  reads: off" });
  await server.call("dataset.create", { name: "Garden" });
  await server.call("example.add", { dataset: "garden", example: { kind: "text", text: "The first frost came on the ninth of October." } });
  const scopes = { viewer: ["read"], writer: ["write"], both: ["read", "write"] } as const;
  for (const [name, held] of Object.entries(scopes)) {
    const made = await server.call("key.create", { name, scopes: held.map((scope) => `training_data:${scope}` as const) });
    keys.set(name, made.key);
  }
});
afterAll(() => server.end());

const ask = async (method: string, who: string): Promise<readonly [number, unknown, string]> => {
  const { status, json } = await server.ask(path, { method, headers: { authorization: `Bearer ${keys.get(who) ?? ""}` } });
  return [status, json.code ?? json.marked, json.detail ?? ""];
};

test("an export that marks what it wrote as used is no GET, and says so", async () => {
  expect(await ask("GET", "both")).toEqual([400, "request/query", expect.stringContaining("send it with POST")]);
});

test("it needs the scope to write beside the one to read", async () => {
  expect((await ask("POST", "viewer")).slice(0, 2)).toEqual([403, "auth/forbidden"]);
  expect((await ask("POST", "writer")).slice(0, 2)).toEqual([403, "auth/forbidden"]);
  expect((await server.call("example.list", { where: "used = true" })).examples).toEqual([]);
  expect(await ask("POST", "both")).toEqual([200, 1, ""]);
  expect((await server.call("example.list", { where: "used = true" })).examples).toHaveLength(1);
});

test("it is a change to the audit, also where reads and exports are not kept", async () => {
  await server.ask(path.replace("&markUsed=july", ""), { headers: { authorization: `Bearer ${keys.get("viewer") ?? ""}` } });
  await server.audit.settle();
  const { entries } = await server.call("audit.list", {});
  const done = entries.filter(({ detail }) => detail["status"] === 200);
  expect(done).toMatchObject([{ action: "dataset.export", object: "garden@pool", actor: "key:both", detail: { run: "july" } }]);
});

test("both ways are described, each with what it takes", async () => {
  const { json } = await server.ask("/api/openapi.json");
  const { get, post } = json.paths["/api/training-data/datasets/{dataset}/export"];
  const names = (described: { parameters: { name: string }[] }) => described.parameters.map(({ name }) => name);
  expect([names(get).includes("markUsed"), names(post).includes("markUsed")]).toEqual([false, true]);
  expect(post.description).toContain("training_data:write");
});
