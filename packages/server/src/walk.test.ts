import type { JsonObject } from "@tilth/core";
import { createJob, loadOperations } from "@tilth/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breaches, referred } from "./test-schema.ts";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

/** One call: the path below `/api/training-data`, and the body where there is one. */
interface Call {
  readonly path: string;
  readonly body?: unknown;
  /** Sent as they are, in place of a JSON body. */
  readonly bytes?: string;
}

/** A call that is done, and one that is refused with this status. */
interface Walked {
  readonly happy: Call | ((facts: Facts) => Call);
  readonly refused: Call & { readonly status: number };
  /** The happy call is one that cannot be done here: this is why. */
  readonly status?: number;
}

interface Facts {
  readonly id: string;
  readonly key: string;
  /** A search for duplicates that marked one. */
  readonly run: string;
}

const nobody = { path: "/examples/01NOBODY", status: 404 };

const walks: Readonly<Record<string, Walked>> = {
  "workspace.init": {
    happy: { path: "/workspace", body: {} },
    refused: { path: "/workspace", body: { packs: 1 }, status: 422 },
    status: 409,
  },
  "workspace.show": { happy: { path: "/workspace" }, refused: { path: "/workspace?x=1", status: 400 } },
  "example.import": {
    happy: { path: "/import?dataset=walk", bytes: jsonLines(chats(2, 900)) },
    refused: { path: "/import", bytes: "", status: 422 },
  },
  "example.add": {
    happy: {
      path: "/examples",
      body: { example: { kind: "text", text: "The plums came in the middle of August this year." }, dataset: "walk" },
    },
    refused: { path: "/examples", body: { example: { kind: "poem" } }, status: 422 },
  },
  "event.capture": {
    happy: {
      path: "/capture",
      body: [
        { kind: "example", example: { kind: "text", text: "The pears came a week after the plums." }, dataset: "walk" },
        { kind: "poem" },
      ],
    },
    refused: { path: "/capture", body: { events: 1 }, status: 422 },
  },
  "pool.stats": { happy: { path: "/stats" }, refused: { path: "/stats?limit=1", status: 400 } },
  "pool.changes": { happy: { path: "/changes?after=0&limit=5" }, refused: { path: "/changes?after=-1", status: 400 } },
  "example.list": { happy: { path: "/examples?limit=2" }, refused: { path: "/examples?cursor=x", status: 400 } },
  "example.search": { happy: { path: "/examples/search?query=bean&limit=2" }, refused: { path: "/examples/search", status: 400 } },
  "example.show": { happy: ({ id }) => ({ path: `/examples/${id}` }), refused: nobody },
  "example.similar": {
    happy: ({ id }) => ({ path: `/examples/${id}/similar` }),
    refused: { path: "/examples/01NOBODY/similar", status: 404 },
  },
  "example.edit": {
    happy: ({ id }) => ({ path: `/examples/${id}`, body: { set: { topic: "walks" } } }),
    refused: { ...nobody, body: { set: {} } },
  },
  "example.history": {
    happy: ({ id }) => ({ path: `/examples/${id}/history` }),
    refused: { path: "/examples/01NOBODY/history", status: 404 },
  },
  "example.undo": {
    happy: ({ id }) => ({ path: `/examples/${id}/undo`, body: {} }),
    refused: { path: "/examples/01NOBODY/undo", body: {}, status: 404 },
  },
  "example.tag": {
    happy: ({ id }) => ({ path: "/examples/tag", body: { ids: [id], add: ["walked"] } }),
    refused: { path: "/examples/tag", body: { ids: [] }, status: 400 },
  },
  "example.trash": {
    happy: ({ id }) => ({ path: "/examples/trash", body: { ids: [id] } }),
    refused: { path: "/examples/trash", body: {}, status: 400 },
  },
  "example.restore": {
    happy: ({ id }) => ({ path: "/examples/restore", body: { ids: [id] } }),
    refused: { path: "/examples/restore", body: {}, status: 400 },
  },
  "example.dedupe": {
    happy: { path: "/examples/dedupe", body: { dryRun: true } },
    refused: { path: "/examples/dedupe", body: { threshold: 2 }, status: 422 },
  },
  "duplicate.list": { happy: { path: "/duplicates" }, refused: { path: "/duplicates?limit=x", status: 400 } },
  "duplicate.suggest": { happy: { path: "/duplicates/candidates" }, refused: { path: "/duplicates/candidates?limit=x", status: 400 } },
  "duplicate.undo": {
    happy: ({ run }) => ({ path: "/duplicates/undo", body: { run } }),
    refused: { path: "/duplicates/undo", body: { x: 1 }, status: 422 },
  },
  "freshness.check": {
    happy: { path: "/freshness/check", body: {} },
    refused: { path: "/freshness/check", body: { dataset: "nobody" }, status: 404 },
  },
  "text.check": {
    happy: { path: "/freshness/texts", body: { text: "How deep do beans go?" } },
    refused: { path: "/freshness/texts", body: {}, status: 400 },
  },
  "threshold.list": { happy: { path: "/freshness/thresholds" }, refused: { path: "/freshness/thresholds?x=1", status: 400 } },
  "threshold.set": {
    happy: { path: "/freshness/thresholds", body: { type: "note", threshold: 0.5 } },
    refused: { path: "/freshness/thresholds", body: { threshold: 5 }, status: 422 },
  },
  "dataset.create": {
    happy: { path: "/datasets", body: { name: "Made" } },
    refused: { path: "/datasets", body: { name: "Made" }, status: 409 },
  },
  "dataset.list": { happy: { path: "/datasets" }, refused: { path: "/datasets?trashed=perhaps", status: 400 } },
  "dataset.show": { happy: { path: "/datasets/walk" }, refused: { path: "/datasets/nobody", status: 404 } },
  "dataset.upload": {
    happy: { path: "/datasets/walk/upload?message=more", bytes: jsonLines(chats(2, 950)) },
    refused: { path: "/datasets/nobody/upload", bytes: "{}", status: 404 },
  },
  "dataset.import": {
    happy: { path: "/datasets/import?name=Imported", bytes: jsonLines(chats(2, 970)) },
    refused: { path: "/datasets/import", bytes: "{}", status: 400 },
  },
  "dataset.data": { happy: { path: "/datasets/walk/data?limit=1" }, refused: { path: "/datasets/walk/data?version=9.9", status: 404 } },
  "dataset.validate": {
    happy: { path: "/datasets/walk/validate", body: {} },
    refused: { path: "/datasets/nobody/validate", body: {}, status: 404 },
  },
  "dataset.enhance": {
    happy: { path: "/datasets/walk/enhance", body: {} },
    refused: { path: "/datasets/walk/enhance", body: { threshold: 0 }, status: 422 },
  },
  "dataset.delete": { happy: { path: "/datasets/made" }, refused: { path: "/datasets/nobody", status: 404 } },
  "dataset.restore": { happy: { path: "/datasets/made/restore" }, refused: { path: "/datasets/nobody/restore", status: 404 } },
  "version.create": {
    happy: { path: "/datasets/walk/versions", body: { message: "walked" } },
    refused: { path: "/datasets/walk/versions", body: { where: "==" }, status: 400 },
  },
  "version.list": { happy: { path: "/datasets/walk/versions" }, refused: { path: "/datasets/nobody/versions", status: 404 } },
  "version.show": { happy: { path: "/versions/walk@latest" }, refused: { path: "/versions/walk@9.9", status: 404 } },
  "version.diff": { happy: { path: "/diff?before=walk@1.0&limit=1" }, refused: { path: "/diff", status: 400 } },
  "version.verify": {
    happy: { path: "/verify", body: { level: "quick" } },
    refused: { path: "/verify", body: { level: "hasty" }, status: 422 },
  },
  "version.checkout": {
    happy: { path: "/checkout", body: { version: "walk" } },
    refused: { path: "/checkout", body: { version: "walk@pool" }, status: 400 },
  },
  "dataset.export": {
    happy: { path: "/datasets/walk/export?format=openai-chat" },
    refused: { path: "/datasets/walk/export?format=sonnets", status: 400 },
  },
  "workspace.health": { happy: { path: "/health" }, refused: { path: "/health?x=1", status: 400 } },
  "workspace.doctor": { happy: { path: "/doctor" }, refused: { path: "/doctor?x=1", status: 400 } },
  "workspace.repair": { happy: { path: "/repair", body: {} }, refused: { path: "/repair", body: { x: 1 }, status: 422 } },
  "workspace.backup": {
    happy: { path: "/backup", body: { folder: "nightly" } },
    refused: { path: "/backup", body: { folder: "/tmp/x" }, status: 422 },
  },
  "job.list": { happy: { path: "/jobs?status=waiting&limit=1" }, refused: { path: "/jobs?status=lost", status: 400 } },
  "job.show": { happy: { path: "/jobs/waits" }, refused: { path: "/jobs/nobody", status: 404 } },
  "job.cancel": { happy: { path: "/jobs/waits/cancel" }, refused: { path: "/jobs/nobody/cancel", status: 404 } },
  "job.retry": { happy: { path: "/jobs/cancelled/retry" }, refused: { path: "/jobs/cancelled/retry", status: 409 } },
  "key.create": {
    happy: { path: "/keys", body: { name: "walker", role: "viewer" } },
    refused: { path: "/keys", body: { name: "" }, status: 422 },
  },
  "key.list": { happy: { path: "/keys" }, refused: { path: "/keys?x=1", status: 400 } },
  "key.revoke": { happy: { path: "/keys/walker" }, refused: { path: "/keys/nobody", status: 404 } },
  "user.create": {
    happy: { path: "/users", body: { name: "ana", role: "viewer", password: "four words in a row" } },
    refused: { path: "/users", body: { name: "" }, status: 422 },
  },
  "user.list": { happy: { path: "/users" }, refused: { path: "/users?x=1", status: 400 } },
  "user.update": {
    happy: { path: "/users/ana", body: { role: "editor" } },
    refused: { path: "/users/nobody", body: { role: "editor" }, status: 404 },
  },
  "user.password": {
    happy: { path: "/users/ben/password", body: { password: "five other words in a row" } },
    refused: { path: "/users/ben/password", body: { password: "x" }, status: 400 },
  },
  "user.remove": { happy: { path: "/users/ana" }, refused: { path: "/users/nobody", status: 404 } },
  "audit.list": { happy: { path: "/audit" }, refused: { path: "/audit?limit=x", status: 400 } },
  "audit.verify": { happy: { path: "/audit/verify", body: {} }, refused: { path: "/audit/verify", body: { x: 1 }, status: 422 } },
};

let server: TestServer;
let api: JsonObject;
let facts: Facts;

beforeAll(async () => {
  server = await startTestServer({ packs: ["assistant"] });
  await server.fetch("/datasets/import?name=walk", { method: "POST", body: jsonLines(chats(6)) });
  const storage = await server.workspace.storage();
  for (const id of ["waits", "cancelled"])
    await createJob(storage, { id, operation: "version.verify", input: {}, actor: "user:ana", atMs: Date.UTC(2200) }); // never due
  await server.call("job.cancel", { id: "cancelled" });
  const { key } = await server.call("key.create", { name: "admin", role: "admin" });
  const [example] = (await server.call("example.list", { limit: 1 })).examples;
  await server.call("user.create", { name: "ben", role: "viewer", password: "seven words that stand in a row" });
  const twice = [
    "The first frost came on the ninth of October, a week earlier than last year.",
    "The first frost came on the ninth of October, a week earlier than last year!",
  ];
  await server.fetch("/import", {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: jsonLines(twice.map((text) => ({ kind: "text", text }))),
  });
  const { run } = await server.call("example.dedupe", { where: "kind = text" });
  facts = { id: example?.id ?? "", key, run: run?.id ?? "" };
  api = (await (await fetch(`${server.origin}/api/openapi.json`)).json()) as JsonObject;
});
afterAll(() => server.end());

const operations = await loadOperations();

test("every operation is walked", () => {
  expect(Object.keys(walks).toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
});

describe.each(operations.map((operation) => [operation.name, operation] as const))("%s", (name, { http }) => {
  const ask = ({ path, body, bytes }: Call, key: string | undefined = facts.key): Promise<Response> =>
    server.fetch(path, {
      method: http.method,
      headers: {
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(bytes === undefined ? {} : { body: bytes }),
    });
  const walk = walks[name];

  test("is done as its description says", async () => {
    if (walk === undefined) throw new Error(`${name} is not walked`);
    const response = await ask(typeof walk.happy === "function" ? walk.happy(facts) : walk.happy);
    const value: unknown = await response.json();
    expect([response.status, value]).toEqual([walk.status ?? 200, value]);
    expect(declared(response, value)).toEqual([]);
  });

  test("is refused as its description says", async () => {
    if (walk === undefined) throw new Error(`${name} is not walked`);
    const response = await ask(walk.refused);
    const value = (await response.json()) as { detail: string };
    expect([response.status, value.detail]).toEqual([walk.refused.status, value.detail]);
    expect(declared(response, value)).toEqual([]);
  });

  test("is refused to who shows no key", async () => {
    if (walk === undefined) throw new Error(`${name} is not walked`);
    const response = await ask(walk.refused, "");
    expect(response.status).toBe(401);
    expect(declared(response, await response.json())).toEqual([]);
  });

  /** Where an answer is not as the OpenAPI document declares it. */
  function declared(response: Response, value: unknown): readonly string[] {
    const path = `/api/training-data${http.path.replaceAll(/:(\w+)/g, "{$1}")}`;
    const answers = ((api["paths"] as Record<string, Record<string, JsonObject>>)[path]?.[http.method.toLowerCase()]?.["responses"] ??
      {}) as JsonObject;
    let answer = answers[String(response.status)] as JsonObject | undefined;
    if (answer === undefined) return [`${response.status} is not declared`];
    if (typeof answer["$ref"] === "string") answer = referred(api, answer["$ref"]);
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const content = (answer["content"] as Record<string, JsonObject>)[type];
    return content?.["schema"] === undefined ? [`${type} is not declared`] : breaches(value, content["schema"], api);
  }
});
