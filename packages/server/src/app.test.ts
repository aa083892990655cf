import { gzipSync } from "node:zlib";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.fetch("/import?dataset=Garden%20chats", { method: "POST", body: jsonLines(chats(30)) });
});
afterAll(() => server.end());

async function problem(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const told = (await response.json()) as Record<string, unknown>;
  expect(told).toMatchObject({
    status: response.status,
    title: expect.any(String),
    detail: expect.any(String),
    type: `/api/errors#${String(told["code"])}`,
    requestId: response.headers.get("x-request-id"),
  });
  expect(JSON.stringify(told)).not.toContain(server.folder);
  return told;
}

describe("an operation over HTTP", () => {
  test("takes its input from the address, in the types of its schema", async () => {
    const response = await server.fetch("/examples?limit=2&where=kind%20%3D%20chat");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ examples: [{ kind: "chat" }, { kind: "chat" }], next: expect.any(String) });
  });

  test("takes its input from a JSON body, packed or not", async () => {
    expect(await (await server.send("POST", "/datasets", { name: "Second" })).json()).toMatchObject({ id: "second" });
    const body = gzipSync(JSON.stringify({ name: "Third" }));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(await (await server.fetch("/datasets", { method: "POST", body, headers })).json()).toMatchObject({ id: "third" });
  });

  test("joins the dataset of the path and the version of the address", async () => {
    expect(await (await server.fetch("/datasets/garden-chats/export?version=pool&dryRun=true")).json()).toMatchObject({
      dataset: "garden-chats",
      label: "pool",
      read: 30,
    });
  });

  test("leads from page to page by its Link header", async () => {
    const ids = new Set<string>();
    let pages = 0;
    for (let path: string | undefined = "/examples?limit=12&where=kind%20%3D%20chat"; path !== undefined; pages++) {
      const response: Response = await server.fetch(path);
      for (const { id } of ((await response.json()) as { examples: { id: string }[] }).examples) ids.add(id);
      path = /^<\/api\/training-data(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect([ids.size, pages]).toEqual([30, 3]);
  });

  test("keeps a request id that is one and makes one otherwise", async () => {
    const asked = async (id: string): Promise<string | null> =>
      (await server.fetch("/stats", { headers: { "x-request-id": id } })).headers.get("x-request-id");
    expect(await asked("trace-1:2")).toBe("trace-1:2");
    expect(await asked('a"b c')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("tells the audit who asked what about what, also when it was refused", async () => {
    const guarded = await startTestServer();
    try {
      const { key } = await guarded.call("key.create", { name: "reader", scopes: ["training_data:read"] });
      const headers = { authorization: `Bearer ${key}` };
      await guarded.fetch("/examples?where=kind%20%3D%20chat&limit=3", { headers });
      await guarded.fetch("/datasets", { method: "POST", headers });
      await guarded.fetch("/examples");
      await expect.poll(() => guarded.answered).toHaveLength(3);
      expect(guarded.answered).toMatchObject([
        { operation: "example.list", caller: { actor: "key:reader" }, filter: "kind = chat", count: 0, status: 200 },
        { operation: "dataset.create", caller: { actor: "key:reader" }, status: 403 },
        { operation: "example.list", status: 401 },
      ]);
    } finally {
      await guarded.end();
    }
  });
});

describe("a refused request", () => {
  test.each([
    ["an unknown address", "GET", "/nothing", undefined, 404, "request/not-found"],
    ["a known address with a method nobody knows", "QUERY", "/stats", undefined, 405, "request/method"],
    ["a known address with another method", "DELETE", "/stats", undefined, 405, "request/method"],
    ["an unknown member of the address", "GET", "/examples?limti=3", undefined, 400, "request/query"],
    ["a value that does not fit", "GET", "/examples?limit=0", undefined, 400, "request/query"],
    ["a number that is none", "GET", "/examples?limit=many", undefined, 400, "request/query"],
    ["a value given twice", "GET", "/examples?limit=1&limit=2", undefined, 400, "request/query"],
    ["a filter that cannot be read", "GET", "/examples?where=%3D%3D", undefined, 400, "filter/syntax"],
    ["a body that breaks the schema", "POST", "/datasets", { name: "" }, 422, "request/body"],
    ["an unknown member of the body", "POST", "/datasets", { name: "x", colour: 1 }, 422, "request/body"],
    ["a body that is no object", "POST", "/datasets", [1], 422, "request/body"],
    ["a member of the address where the body says everything", "POST", "/datasets?name=x", { name: "y" }, 400, "request/query"],
    ["what is not there", "GET", "/datasets/nobody", undefined, 404, "dataset/not-found"],
    ["what is there already", "POST", "/datasets", { name: "Garden chats" }, 409, "dataset/exists"],
    ["a place on the server", "POST", "/import?file=%2Fetc%2Fpasswd", undefined, 400, "request/query"],
    ["a place on the server in a body", "POST", "/checkout", { version: "garden-chats", out: "/tmp/x" }, 400, "request/query"],
    ["a backup outside of the backups", "POST", "/backup", { folder: "../x" }, 422, "request/body"],
    ["a form where a file is wanted", "POST", "/datasets", new FormData(), 415, "request/media-type"],
  ] as const)("tells of %s", async (_, method, path, body, status, code) => {
    const response =
      body instanceof FormData
        ? await server.fetch(path, { method, body })
        : body === undefined
          ? await server.fetch(path, { method })
          : await server.send(method, path, body);
    expect(await problem(response)).toMatchObject({ status, code });
  });

  test.each([
    ["no JSON", "{", "application/json", 400],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "application/json", 400],
    ["a member __proto__", '{"name":"x","__proto__":{"a":1}}', "application/json", 400],
    ["a member __proto__ in disguise", String.raw`{"name":"x","\u005f_proto__":{"a":1}}`, "application/json", 400],
    ["another type", "name: x", "application/yaml", 415],
    ["a type that is none", "{}", "nonsense", 415],
    ["JSON that nests without end", `{"name":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, "application/json", 422],
  ])("tells of a body that is %s", async (_, body, type, status) => {
    const response = await server.fetch("/datasets", { method: "POST", body, headers: { "content-type": type } });
    expect(await problem(response)).toMatchObject({ status });
  });

  test("names which methods an address answers", async () => {
    const response = await server.fetch("/stats", { method: "PATCH" });
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });

  test("says nothing of what should not have happened but the request's id", async () => {
    const broken = await startTestServer({
      access: () => Promise.resolve({ authenticate: () => Promise.reject(new Error("secret inside")), authorize: () => undefined }),
    });
    try {
      const response = await broken.fetch("/stats");
      const text = await response.text();
      expect([response.status, text.includes("secret")]).toEqual([500, false]);
      expect(JSON.parse(text)).toMatchObject({ code: "unexpected", requestId: response.headers.get("x-request-id") });
    } finally {
      await broken.end();
    }
  });

  test.each(["GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "NONSENSE\r\n\r\n"])("answers %j with a problem too", async (bytes) => {
    const { port } = server.app.fastify.server.address() as { port: number };
    const socket = connect(port, "127.0.0.1");
    socket.end(bytes);
    const text = Buffer.concat(await Array.fromAsync(socket)).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(text).toContain("application/problem+json");
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4).replace(/^[0-9a-f]+\r\n([^]*)\r\n0\r\n\r\n$/, "$1"))).toMatchObject({
      status: 400,
      code: "request/malformed",
    });
  });
});

describe("limits", () => {
  test("a JSON body has a largest size, packed or not, told or not", async () => {
    const small = await startTestServer({ limits: { jsonBytes: 100 } });
    try {
      const long = JSON.stringify({ name: "x".repeat(200) });
      const json = { "content-type": "application/json" };
      expect((await small.fetch("/datasets", { method: "POST", body: long, headers: json })).status).toBe(413);
      const packed = await small.fetch("/datasets", {
        method: "POST",
        body: gzipSync(long),
        headers: { ...json, "content-encoding": "gzip" },
      });
      expect(packed.status).toBe(413);
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(Buffer.from(long));
          controller.close();
        },
      });
      const untold = await small.fetch("/datasets", { method: "POST", body, headers: json, duplex: "half" });
      expect(untold.status).toBe(413);
    } finally {
      await small.end();
    }
  });

  test("more requests than can be answered at once are turned away with a time to come back", async () => {
    const gate = Promise.withResolvers<void>();
    const busy = await startTestServer({
      limits: { inFlight: 1 },
      access: () =>
        Promise.resolve({
          async authenticate() {
            await gate.promise;
            return { actor: "user:a", scopes: new Set(["training_data:read"] as const), via: "loopback" as const };
          },
          authorize: () => undefined,
        }),
    });
    try {
      const first = busy.fetch("/stats");
      await expect.poll(() => busy.app.load.inFlight()).toBe(1);
      const second = await busy.fetch("/stats");
      expect([second.status, second.headers.get("retry-after")]).toEqual([503, "1"]);
      gate.resolve();
      expect((await first).status).toBe(200);
      await expect.poll(() => busy.app.load.inFlight()).toBe(0);
      expect((await busy.fetch("/stats")).status).toBe(200);
    } finally {
      await busy.end();
    }
  });
});

describe("a state that changes", () => {
  const idOf = async (): Promise<string> => {
    const { examples } = (await (await server.fetch("/examples?limit=1")).json()) as { examples: { id: string }[] };
    return examples[0]?.id ?? "";
  };

  test("has a tag, with which it is sent once", async () => {
    const id = await idOf();
    const first = await server.fetch(`/examples/${id}`);
    const tag = first.headers.get("etag") ?? "";
    expect(tag).toMatch(/^"\d+\.[0-9a-f]{16}"$/);
    const again = await server.fetch(`/examples/${id}`, { headers: { "if-none-match": tag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("changes only for who has seen it last: two editors of one example", async () => {
    const id = await idOf();
    const tag = (await server.fetch(`/examples/${id}`)).headers.get("etag") ?? "";
    const ana = await server.send("PATCH", `/examples/${id}`, { set: { topic: "beans" } }, { "if-match": tag });
    expect(ana.status).toBe(200);
    const ben = await server.send("PATCH", `/examples/${id}`, { set: { topic: "peas" } }, { "if-match": tag });
    const told = await problem(ben);
    const [was, is] = [tag, ana.headers.get("etag") ?? ""].map((one) => Number(/\d+/.exec(one)?.[0]));
    expect(told).toMatchObject({ status: 412, code: "request/stale", details: { given: was, current: is } });
    const late = await server.send("PATCH", `/examples/${id}`, { set: { topic: "peas" }, rev: was });
    expect(await problem(late)).toMatchObject({ status: 409, code: "example/stale" });
    const undone = await server.send("POST", `/examples/${id}/undo`, {}, { "if-match": ana.headers.get("etag") ?? "" });
    expect(await undone.json()).toMatchObject({ example: { rev: (is ?? 0) + 1 } });
  });

  test("tells the second of two editors both values and where it is now", async () => {
    const { id, tag } = await (async () => {
      const [one] = (await server.call("example.list", { limit: 1 })).examples;
      const shown = await server.fetch(`/examples/${one?.id}`);
      return { id: one?.id ?? "", tag: shown.headers.get("etag") ?? "" };
    })();
    const edits = ["leeks", "chard"].map((topic) => server.send("PATCH", `/examples/${id}`, { set: { topic } }, { "if-match": tag }));
    const [won, lost] = (await Promise.all(edits)).toSorted((a, b) => a.status - b.status);
    if (won === undefined || lost === undefined) throw new Error("one was not answered");
    const { example } = (await won.json()) as { example: { topic: string } };
    const given = example.topic === "leeks" ? "chard" : "leeks";
    expect(await problem(lost)).toMatchObject({
      status: 412,
      code: "request/stale",
      details: { differences: [{ field: "topic", current: example.topic, given }] },
    });
    expect(lost.headers.get("etag")).toBe((await server.fetch(`/examples/${id}`)).headers.get("etag"));
  });

  test("lets one of two win, fifty times, whatever is changed of a dataset", async () => {
    await server.send("POST", "/datasets", { name: "Contested" });
    for (let round = 0; round < 50; round++) {
      const tag = (await server.fetch("/datasets/contested")).headers.get("etag") ?? "";
      const commit = (n: number) =>
        server.send("POST", "/datasets/contested/versions", { where: `confidence > 0.${round}${n}` }, { "if-match": tag });
      const answers = await Promise.all([commit(1), commit(2)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
      const lost = answers.find(({ status }) => status === 412);
      if (lost === undefined) throw new Error("nobody lost");
      expect(await problem(lost)).toMatchObject({ code: "request/stale" });
    }
    for (let round = 0; round < 50; round++) {
      const tag = (await server.fetch("/datasets/contested")).headers.get("etag") ?? "";
      const remove = () => server.fetch("/datasets/contested", { method: "DELETE", headers: { "if-match": tag } });
      const statuses = (await Promise.all([remove(), remove()])).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.every((status) => [200, 404, 412].includes(status))).toBe(true);
      await server.fetch("/datasets/contested/restore", { method: "POST" });
    }
  });

  test("guards a dataset", async () => {
    await server.send("POST", "/datasets", { name: "Short lived" });
    const stale = await server.fetch("/datasets/short-lived", { method: "DELETE", headers: { "if-match": '"0000000000000000"' } });
    expect(await problem(stale)).toMatchObject({ status: 412, code: "request/stale" });
    const tag = (await server.fetch("/datasets/short-lived")).headers.get("etag") ?? "";
    expect((await server.fetch("/datasets/short-lived", { method: "DELETE", headers: { "if-match": tag } })).status).toBe(200);
  });

  test("is not guarded by If-Match where nothing shows it", async () => {
    const response = await server.send("POST", "/examples/tag", { where: "kind = chat", add: ["x"], dryRun: true }, { "if-match": '"1"' });
    expect(await problem(response)).toMatchObject({ status: 400, code: "request/no-precondition" });
  });
});

describe("an Idempotency-Key", () => {
  const make = (name: string, key: string): Promise<Response> => server.send("POST", "/datasets", { name }, { "idempotency-key": key });

  test("makes the same request one request", async () => {
    const first = await make("Once", "key-1");
    const again = await make("Once", "key-1");
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(await again.text()).toBe(await first.text());
    expect([first, again].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect(again.headers.get("etag")).toBe(first.headers.get("etag"));
  });

  test("is refused for another request, and one that failed may try again", async () => {
    await make("Other", "key-2");
    expect(await problem(await make("Another", "key-2"))).toMatchObject({ status: 422, code: "request/key-reused" });
    expect((await make("Once", "key-3")).status).toBe(409);
    expect((await make("Thrice", "key-3")).status).toBe(200);
    expect((await make("Fourth", "a key")).status).toBe(400);
  });

  test("knows an upload by its bytes", async () => {
    const upload = (rows: readonly object[]): Promise<Response> =>
      server.fetch("/import", { method: "POST", body: jsonLines(rows), headers: { "idempotency-key": "key-4" } });
    const first = await (await upload(chats(3, 500))).text();
    expect(JSON.parse(first)).toMatchObject({ accepted: 3 });
    expect(await (await upload(chats(3, 500))).text()).toBe(first);
    expect(await problem(await upload(chats(4, 500)))).toMatchObject({ status: 422, code: "request/key-reused" });
  });
});
