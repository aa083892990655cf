import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { loadOperations } from "@tilth/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await startTestServer({ limits: { headersMs: 500, pauseMs: 500, jsonMs: 1_000 } });
  await server.fetch("/datasets/import?name=garden", { method: "POST", body: jsonLines(chats(3)) });
  id = (await server.call("example.list", { limit: 1 })).examples[0]?.id ?? "";
});
afterAll(() => server.end());

/** Sends bytes as they are, piece by piece, and gives what was answered until the connection ended or fell silent. */
function raw(pieces: readonly (string | Uint8Array)[], pauseMs = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.origin).port), "127.0.0.1");
    let answer = "";
    socket.setTimeout(8_000, () => socket.destroy());
    socket.on("data", (piece) => (answer += piece.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
    let next = 0;
    const send = (): void => {
      const piece = pieces[next++];
      if (piece === undefined || socket.destroyed) return;
      socket.write(piece);
      setTimeout(send, pauseMs);
    };
    socket.once("connect", send);
  });
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const head = (method: string, path: string, ...headers: readonly string[]): string =>
  `${[`${method} /api/training-data${path} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;

describe("what comes slowly", () => {
  test("headers that never end are left after a while", async () => {
    const drops = [
      "GET /api/training-data/stats HTTP/1.1\r\nHost: localhost\r\n",
      ...Array.from({ length: 40 }, (_, n) => `X-${n}: x\r\n`),
    ];
    expect(statusOf(await raw(drops, 100))).toBe(408);
  });

  test("a body that drips is left after a while, JSON or a file", async () => {
    const drip = (path: string, type: string) => [
      head("POST", path, `Content-Type: ${type}`, "Content-Length: 100000").replace("Connection: close\r\n", ""),
      ...Array.from({ length: 3 }, () => "{"),
    ];
    expect(statusOf(await raw(drip("/datasets", "application/json"), 50))).toBe(408);
    expect(statusOf(await raw(drip("/import", "application/jsonl"), 50))).toBe(408);
  });
});

describe("what is no HTTP", () => {
  test.each([
    ["a Content-Length and chunks at once", "POST", ["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two Content-Lengths", "POST", ["Content-Length: 5", "Content-Length: 6"], "abcde"],
    ["a Content-Length that is no number", "POST", ["Content-Length: five"], "abcde"],
    ["a negative Content-Length", "POST", ["Content-Length: -5"], "abcde"],
    ["a chunk whose size is none", "POST", ["Transfer-Encoding: chunked", "Content-Type: application/json"], "zz\r\n{}\r\n0\r\n\r\n"],
    ["a header with a line of its own", "GET", ["X-Request-Id: a\rSet-Cookie: b=c"], ""],
    ["a header with NUL", "GET", ["X-Request-Id: a\0b"], ""],
  ])("%s is refused", async (_, method, headers, body) => {
    const answer = await raw([head(method, "/datasets", ...headers) + body]);
    expect([statusOf(answer), answer.toLowerCase().includes("set-cookie")]).toEqual([400, false]);
  });

  test("a body shorter than it said is no body", async () => {
    const socket = head("POST", "/datasets", "Content-Type: application/json", "Content-Length: 50");
    expect([400, 408]).toContain(statusOf(await raw([`${socket}{"name":"Short"}`])));
    expect((await server.call("dataset.list", {})).datasets.map(({ name }) => name)).not.toContain("Short");
  });

  test("what follows a body of the length it said is another request, and none that is done", async () => {
    const body = '{"name":"Smuggled"}';
    const answer = await raw([
      `${head("POST", "/datasets", "Content-Type: application/json", "Content-Length: 2").replace("Connection: close\r\n", "")}{}${body}`,
    ]);
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)?.at(-1)).toBe("HTTP/1.1 400");
    expect((await server.call("dataset.list", {})).datasets.map(({ name }) => name)).not.toContain("Smuggled");
  });

  test("an id of a request that could not stand in a header is none", async () => {
    const answer = await raw([head("GET", "/stats", "X-Request-Id: a b; c=d")]);
    expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}\r\n/);
  });
});

describe("JSON", () => {
  const post = (text: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
    server.fetch("/examples", { method: "POST", body: text, headers: { "content-type": "application/json", ...headers } });
  const example = (members: string): string =>
    `{"example":{"kind":"text","text":"A frost in May took the beans.",${members}},"onChange":"add"}`;

  test.each([
    ["nests without end", `${'{"example":'.repeat(200_000)}1${"}".repeat(200_000)}`],
    ["nests without end in a value", example(`"metadata":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`)],
    ["has a member that changes objects", example('"metadata":{"__proto__":{"admin":true}}')],
    ["has it in disguise", example('"metadata":{"\\u005f\\u005fproto__":{"admin":true}}')],
    ["has numbers beyond numbers", example('"confidence":1e999')],
    ["has a date beyond dates", example('"createdAt":"275761-01-01T00:00:00.000Z"')],
    ["is no text at all", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ["ends with more", `${example('"topic":"x"')}{}`],
  ])("that %s is refused", async (_, text) => {
    const response = await post(text);
    expect([400, 413, 422]).toContain(response.status);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(Object.prototype).not.toHaveProperty("admin");
  });

  test("of two members of one name the last one counts, everywhere", async () => {
    const { example: made } = (await (await post(example('"topic":"first","topic":"second"'))).json()) as { example: { topic: string } };
    expect(made.topic).toBe("second");
  });

  test("half a character becomes the sign for one, so that it can be stored and hashed", async () => {
    const response = await post('{"example":{"kind":"text","text":"Half \\ud83c of a tree in the middle of May"}}');
    expect(((await response.json()) as { example: { text: string } }).example.text).toBe("Half \ufffd of a tree in the middle of May");
  });

  test("packed twice is refused, unpacked once", async () => {
    const twice = gzipSync(gzipSync(example('"topic":"packed"')));
    expect((await post(twice, { "content-encoding": "gzip" })).status).toBe(400);
    expect((await post(twice, { "content-encoding": "gzip, gzip" })).status).toBe(415);
    const bomb = gzipSync(gzipSync(Buffer.alloc(50_000_000, " ")));
    expect((await post(bomb, { "content-encoding": "gzip" })).status).toBe(400);
  });
});

const ways = [
  "..%2f..%2ftilth.yaml",
  "%2e%2e%2f%2e%2e%2ftilth.yaml",
  "..%252f..%252ftilth.yaml",
  "..%5c..%5ctilth.yaml",
  "%00",
  "x%00.jsonl",
  "%2fetc%2fpasswd",
  "%c0%ae%c0%ae%2f",
];
const operations = await loadOperations();

describe("a path that leads elsewhere", () => {
  const withPlaces = operations.filter(({ http }) => http.path.includes(":"));
  test.each(withPlaces.map(({ name, http }) => [name, http] as const))("in %s leads nowhere", async (_, { method, path }) => {
    for (const way of ways) {
      const response = await server.fetch(path.replaceAll(/:\w+/g, way), { method, ...(method === "GET" ? {} : { body: "{}" }) });
      const text = await response.text();
      expect([way, response.status >= 400 && response.status < 500, text]).toEqual([way, true, expect.not.stringMatching(/packs:|root:/)]);
      expect(text).not.toContain(server.folder);
    }
  });

  test.each(["/exports/x/", "/imports/x/", "/uploads/", "/exports/"])("%s…", async (start) => {
    for (const way of ways) {
      const response = await server.fetch(`${start}${way}`);
      expect([way, response.status]).toEqual([way, expect.toSatisfy((status: number) => status === 404 || status === 400)]);
      expect(await response.text()).not.toMatch(/packs:|root:/);
    }
  });

  test("the name of a file that is sent makes no header and no path", async () => {
    for (const name of ['a"; x="b.jsonl', "../../etc/cron.d/x", "..\\..\\x.jsonl", "a%0d%0aSet-Cookie: x=1.jsonl"]) {
      const response = await server.fetch("/import", {
        method: "POST",
        body: jsonLines(chats(1, 500)),
        headers: { "content-disposition": `attachment; filename="${name}"` },
      });
      const { file } = (await response.json()) as { file: string };
      expect([response.status, response.headers.get("set-cookie"), /[/\\]/.test(file)]).toEqual([200, null, false]);
    }
  });
});

test("two editors of one row: the second is told both values, and where it is now", async () => {
  const tag = (await server.fetch(`/examples/${id}`)).headers.get("etag") ?? "";
  const edit = (topic: string): Promise<Response> => server.send("PATCH", `/examples/${id}`, { set: { topic } }, { "if-match": tag });
  expect((await edit("beans")).status).toBe(200);
  const late = await edit("peas");
  expect([late.status, await late.json()]).toEqual([
    412,
    expect.objectContaining({ details: expect.objectContaining({ differences: [{ field: "topic", current: "beans", given: "peas" }] }) }),
  ]);
  expect(late.headers.get("etag")).toBe((await server.fetch(`/examples/${id}`)).headers.get("etag"));
});

test("whatever was sent, the server goes on", async () => {
  expect((await server.fetch("/stats")).status).toBe(200);
  await expect.poll(() => server.app.load.inFlight()).toBe(0);
});
